import fc from 'fast-check'

/** Every source has these columns: tables, sub-queries and common table expressions alike. */
export const columns = ['id', 'label', 'rank'] as const
export type Column = (typeof columns)[number]

export const tables = ['users', 'notes', 'tags', 'posts'] as const
export type Table = (typeof tables)[number]

export type Source =
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'select'; readonly select: Select }
  | { readonly kind: 'cte'; readonly index: number }

export type Condition =
  | { readonly kind: 'always' }
  | {
      readonly kind: 'compare'
      readonly column: Column
      readonly operator: string
      readonly value: string | number
    }
  | { readonly kind: 'in'; readonly select: Select }
  | { readonly kind: 'exists'; readonly select: Select }
  | { readonly kind: 'scalar'; readonly select: Select }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly Condition[] }

export interface Named {
  readonly source: Source
  /** What it is called; a table's name can be the alias of another. */
  readonly alias: string
}

export interface Join extends Named {
  readonly kind: 'inner' | 'left' | 'right' | 'full' | 'cross'
  readonly on: readonly [Column, Column]
}

export interface Select {
  /** Their names too can be those of tables. */
  readonly ctes: readonly { readonly name: string; readonly select: Select }[]
  readonly from: Named
  readonly joins: readonly Join[]
  readonly where: Condition | undefined
  /** Whose columns are shown: the number of a source. */
  readonly shown: number
  readonly form: 'rows' | 'distinct' | 'count' | 'max' | 'group'
  readonly compound:
    | { readonly kind: 'union' | 'unionAll' | 'intersect' | 'except'; readonly select: Select }
    | undefined
  readonly limit: number | undefined
}

export type Change =
  | {
      readonly kind: 'update'
      readonly table: Table
      readonly rank: number | Select
      readonly from: Named | undefined
      readonly where: Condition | undefined
    }
  | { readonly kind: 'delete'; readonly table: Table; readonly where: Condition | undefined }

const alias = fc.constantFrom('a', 'b', 'c', ...tables)
const cteName = fc.constantFrom('c', 'd', 'e', 'f', 'g', 'h', ...tables)
const table = fc.constantFrom(...tables)
const column = fc.constantFrom(...columns)

type Nested<T> = (depth: number) => fc.Arbitrary<T>

/** Arbitraries that nest at most so deep; at 0 there is nothing left to put into another. */
function nested<T>(make: Nested<T>, leaf: fc.Arbitrary<T>): Nested<T> {
  const made = new Map<number, fc.Arbitrary<T>>([[0, leaf]])
  return (depth) => {
    const before = made.get(depth)
    if (before) return before
    const arbitrary = make(depth - 1)
    made.set(depth, arbitrary)
    return arbitrary
  }
}

const tableSource = fc.record({ kind: fc.constant('table' as const), table })
const cteSource = fc.record({ kind: fc.constant('cte' as const), index: fc.nat(3) })

const sourceAt: Nested<Source> = nested(
  (deeper) =>
    fc.oneof(
      { weight: 4, arbitrary: tableSource },
      { weight: 2, arbitrary: cteSource },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('select' as const), select: selectAt(deeper) }),
      },
    ),
  fc.oneof(tableSource, cteSource),
)

const simpleCondition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant({ kind: 'always' as const }),
  fc.record({
    kind: fc.constant('compare' as const),
    column,
    operator: fc.constantFrom('=', '!=', '<', '>='),
    value: fc.oneof(fc.nat(6), fc.constantFrom('ada note 1', 'eve note 1', 'bob')),
  }),
)

const conditionAt: Nested<Condition> = nested(
  (deeper) =>
    fc.oneof(
      simpleCondition,
      fc.record({
        kind: fc.constantFrom('in' as const, 'exists' as const, 'scalar' as const),
        select: selectAt(deeper),
      }),
      fc.record({ kind: fc.constant('not' as const), condition: conditionAt(deeper) }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        conditions: fc.array(conditionAt(deeper), { minLength: 1, maxLength: 2 }),
      }),
    ),
  simpleCondition,
)

const form = fc.constantFrom('rows', 'rows', 'distinct', 'count', 'max', 'group')
const limit = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined })

const plainSelect: fc.Arbitrary<Select> = fc.record({
  ctes: fc.constant<Select['ctes']>([]),
  from: fc.record({ source: sourceAt(0), alias }),
  joins: fc.constant<Select['joins']>([]),
  where: fc.option(conditionAt(0), { nil: undefined }),
  shown: fc.constant(0),
  form,
  compound: fc.constant(undefined),
  limit,
})

const selectAt: Nested<Select> = nested(
  (deeper) =>
    fc.record({
      ctes: fc.array(fc.record({ name: cteName, select: selectAt(deeper) }), { maxLength: 2 }),
      from: fc.record({ source: sourceAt(deeper), alias }),
      joins: fc.array(
        fc.record({
          kind: fc.constantFrom('inner', 'left', 'right', 'full', 'cross'),
          source: sourceAt(deeper),
          alias,
          on: fc.tuple(column, column),
        }),
        { maxLength: deeper * 2 },
      ),
      where: fc.option(conditionAt(deeper), { nil: undefined }),
      shown: fc.nat(2),
      form,
      compound: fc.option(
        fc.record({
          kind: fc.constantFrom('union', 'unionAll', 'intersect', 'except'),
          select: selectAt(deeper),
        }),
        { nil: undefined, freq: 3 },
      ),
      limit,
    }),
  plainSelect,
)

/**
 * Reading statements: joins of every kind, sub-queries, common table expressions, compounds. Those that are nested
 * join less, and no more rows come out than can be compared quickly.
 */
export const anySelect: fc.Arbitrary<Select> = selectAt(2).map((select) => ({
  ...select,
  limit: select.limit ?? 100,
}))

/** Writing statements, their conditions and values from anywhere. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant('update' as const),
    table,
    rank: fc.oneof(fc.integer({ min: 50, max: 60 }), selectAt(2)),
    from: fc.option(fc.record({ source: sourceAt(2), alias }), { nil: undefined }),
    where: fc.option(conditionAt(2), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('delete' as const),
    table,
    where: fc.option(conditionAt(2), { nil: undefined }),
  }),
)
