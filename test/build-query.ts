import type {
  Expression,
  ExpressionBuilder,
  JoinBuilder,
  Kysely,
  SelectQueryBuilder,
  SqlBool,
} from 'kysely'
import type { Change, Condition, Join, Named, Select } from './random-query.ts'

type Tables = Record<string, Record<string, unknown>>
/** Kysely, its tables unknown to the types. */
export type AnyKysely = Pick<
  Kysely<Tables>,
  'selectFrom' | 'updateTable' | 'deleteFrom' | 'with' | 'withRecursive'
>
type AnySelect = SelectQueryBuilder<Tables, string, Record<string, unknown>>
type Where = (eb: ExpressionBuilder<Tables, string>) => Expression<SqlBool>

/** What a statement is built with: Kysely and the names of common table expressions in reach. */
interface Scope {
  readonly db: AnyKysely
  readonly ctes: readonly string[]
  /** The expressions that this one stands in: one of the same name inside would refer to them, without end. */
  readonly around: readonly string[]
}

/** The statement of a description; aliases that clash are told apart. */
export function buildSelect(db: AnyKysely, select: Select): AnySelect {
  return selectIn({ db, ctes: [], around: [] }, select)
}

function selectIn({ db, ctes, around }: Scope, select: Select): AnySelect {
  // Only the statement itself carries its WITH; what stands inside it merely uses the names.
  let creator = db
  const names = [...ctes]
  for (const { name, select: inner } of select.ctes) {
    if ([...names, ...around].includes(name) || mentions(select.ctes, name)) continue
    const body = selectIn({ db, ctes: [...names], around: [...around, name] }, inner)
    creator = creator.with(name, () => body)
    names.push(name)
  }
  const scope = { db, ctes: names, around }
  const aliases = aliasesOf([select.from, ...select.joins])
  const shown = aliases[select.shown % aliases.length] ?? ''
  const from = creator.selectFrom(
    sourceOf(scope, select.from, aliases[0] ?? ''),
  ) as unknown as AnySelect
  const joined = select.joins.reduce(
    (query, join, index) => joinTo(query, scope, { join, aliases, at: index + 1 }),
    from,
  )
  const filtered = select.where
    ? joined.where(whereOf(scope, select.where, shown) as never)
    : joined
  return limited(compounded(shownOf(filtered, select, shown), scope, select), select)
}

/** An expression that names a table of its own name would be recursive, and might have no end. */
function mentions(ctes: Select['ctes'], name: string): boolean {
  const text = JSON.stringify(ctes)
  const isFallback = name === fallback && text.includes('"kind":"cte"')
  return isFallback || text.includes(`"table":"${name}"`)
}

/** What is read where no expression is in reach. */
const fallback = 'notes'

function aliasesOf(sources: readonly Named[]): string[] {
  const taken: string[] = []
  for (const { alias } of sources) taken.push(taken.includes(alias) ? `s${taken.length}` : alias)
  return taken
}

/** The source under its alias, as Kysely takes it: a name, or a sub-query. */
function sourceOf(scope: Scope, { source }: Named, alias: string): never {
  const { ctes } = scope
  if (source.kind === 'select') return selectIn(scope, source.select).as(alias) as never
  const name = source.kind === 'table' ? source.table : ctes[source.index % (ctes.length || 1)]
  return `${name ?? fallback} as ${alias}` as never
}

const joiners = {
  inner: 'innerJoin',
  left: 'leftJoin',
  right: 'rightJoin',
  full: 'fullJoin',
} as const

function joinTo(
  query: AnySelect,
  scope: Scope,
  { join, aliases, at }: { join: Join; aliases: readonly string[]; at: number },
): AnySelect {
  const alias = aliases[at] ?? ''
  const source = sourceOf(scope, join, alias)
  if (join.kind === 'cross') return query.crossJoin(source) as unknown as AnySelect
  const [left, right] = join.on
  const joinBy = query[joiners[join.kind]].bind(query) as (...parts: unknown[]) => unknown
  return joinBy(source, (on: JoinBuilder<Tables, string>) =>
    on.on((eb) =>
      eb(asText(eb, `${aliases[at - 1]}.${left}`), '=', asText(eb, `${alias}.${right}`)),
    ),
  ) as AnySelect
}

/** Columns of any types can be compared as texts, on the strictest engine. */
function asText(eb: ExpressionBuilder<Tables, string>, column: string) {
  return eb.cast<string>(eb.ref(column as never), 'text')
}

function shownOf(query: AnySelect, { form }: Select, alias: string): AnySelect {
  const ref = (column: string) => `${alias}.${column}` as never
  if (form === 'rows' || form === 'distinct') {
    const rows = query.select((eb) => [asText(eb, ref('id')).as('id'), ref('label'), ref('rank')])
    return (form === 'rows' ? rows : rows.distinct()) as unknown as AnySelect
  }
  const aggregated = query.select((eb) => [
    (form === 'max' ? eb.fn.max(asText(eb, ref('id'))) : eb.cast(eb.fn.countAll(), 'text')).as(
      'id',
    ),
    eb.fn.max(ref('label')).as('label'),
    eb.fn.sum(ref('rank')).as('rank'),
  ]) as unknown as AnySelect
  return form === 'group' ? aggregated.groupBy(ref('label')) : aggregated
}

function compounded(query: AnySelect, scope: Scope, { compound }: Select): AnySelect {
  if (!compound) return query
  // A member of a compound may have neither order nor limit nor expressions of its own.
  const member = { ...compound.select, limit: undefined, ctes: [], compound: undefined }
  return query[compound.kind](selectIn(scope, member) as never)
}

/** Ordered by all it shows, so that a limit always keeps the same rows. */
function limited(query: AnySelect, { limit }: Select): AnySelect {
  if (limit === undefined) return query
  return [1, 2, 3].reduce((all, place) => all.orderBy((eb) => eb.lit(place)), query).limit(limit)
}

function whereOf(scope: Scope, condition: Condition, alias: string): Where {
  return (eb) => {
    const inner = (other: Condition) => whereOf(scope, other, alias)(eb)
    const ref = (column: string) => eb.ref(`${alias}.${column}` as never)
    const text = (column: string) => asText(eb, `${alias}.${column}`)
    switch (condition.kind) {
      case 'always':
        return eb(eb.val(1), '=', eb.val(1) as never)
      case 'compare':
        return typeof condition.value === 'number' && condition.column === 'rank'
          ? eb(ref('rank'), condition.operator as '=', condition.value as never)
          : eb(text(condition.column), condition.operator as '=', String(condition.value))
      case 'in': {
        const ids = scope.db.selectFrom(selectIn(scope, condition.select).as('inner_rows') as never)
        return eb(
          text('id'),
          'in',
          ids.select((each) => asText(each, 'inner_rows.id').as('id')),
        )
      }
      case 'exists':
        return eb.exists(selectIn(scope, condition.select))
      case 'scalar': {
        const ranks = scope.db.selectFrom(
          selectIn(scope, condition.select).as('inner_rows') as never,
        )
        const top = ranks.select((each) => each.fn.max('inner_rows.rank' as never).as('top'))
        return eb(ref('rank'), '>=', top as never)
      }
      case 'not':
        return eb.not(inner(condition.condition))
      default:
        return eb[condition.kind](condition.conditions.map(inner))
    }
  }
}

export interface Executable {
  execute(): Promise<unknown>
}

export function buildChange(db: AnyKysely, change: Change): Executable {
  const scope: Scope = { db, ctes: [], around: [] }
  const { table, where } = change
  if (change.kind === 'delete') {
    const query = db.deleteFrom(table)
    const filtered = where ? query.where(whereOf(scope, where, table) as never) : query
    return filtered.returning(['id', 'label']) as unknown as Executable
  }
  const { rank, from } = change
  const value =
    typeof rank === 'number'
      ? rank
      : (scope.db.selectFrom(selectIn(scope, rank).as('inner_rows') as never) as AnySelect).select(
          (eb) => eb.fn.max('inner_rows.rank' as never).as('top'),
        )
  const updated = db.updateTable(table).set({ rank: value } as never)
  const fromAlias = from && from.alias !== table ? from.alias : 's1'
  const joined = from ? updated.from(sourceOf(scope, from, fromAlias)) : updated
  const filtered = where ? joined.where(whereOf(scope, where, table) as never) : joined
  return (from
    ? filtered.returning(`${table}.id` as never)
    : filtered.returning(['id', 'label'])) as unknown as Executable
}
