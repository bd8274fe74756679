import { type Expression, type RawBuilder, sql } from 'kysely'

/**
 * For hand-written queries: whether a text holds the part, sign by sign. `%`, `_` and `\` mean themselves. Both sides are
 * to be in lower case, such as `nameKey` makes it, since engines differ in whether they tell it apart.
 */
export function holdsText(text: Expression<string>, part: string): RawBuilder<boolean> {
  const pattern = `%${part.replaceAll(/[!%_]/g, '!$&')}%`
  return sql<boolean>`${text} like ${pattern} escape '!'`
}
