import { type CompiledQuery, type Expression, sql } from 'kysely'
import type { Statement } from '../types.ts'

/** Stands in a statement for a value that is given when it runs. */
class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A placeholder of this name. */
export function slot(name: string): Expression<never> {
  return sql.val(new Slot(name)) as Expression<never>
}

/** A statement whose values are all slots. */
export function toStatement(query: { compile(): CompiledQuery }): Statement {
  const compiled = query.compile()
  const slots = compiled.parameters.map((parameter) => {
    if (parameter instanceof Slot) return parameter.name
    throw new TypeError(`A value is fixed in a statement that is kept: ${compiled.sql}`)
  })
  return Object.freeze({ sql: compiled.sql, slots: Object.freeze(slots) })
}
