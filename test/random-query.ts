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
const table = fc.constantFrom(...tables)
const column = fc.constantFrom(...columns)

const { select, condition, source } = fc.letrec<{
  select: Select
  source: Source
  condition: Condition
  join: Join
  cte: { name: string; select: Select }
}>((tie) => ({
  source: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('table' as const), table }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cte' as const), index: fc.nat(3) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('select' as const), select: tie('select') }),
    },
  ),
  condition: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 1, arbitrary: fc.constant({ kind: 'always' as const }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('compare' as const),
        column,
        operator: fc.constantFrom('=', '!=', '<', '>='),
        value: fc.oneof(fc.nat(6), fc.constantFrom('ada note 1', 'eve note 1', 'bob')),
      }),
    },
    fc.record({
      kind: fc.constantFrom('in' as const, 'exists' as const, 'scalar' as const),
      select: tie('select'),
    }),
    fc.record({ kind: fc.constant('not' as const), condition: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      conditions: fc.array(tie('condition'), { minLength: 1, maxLength: 2 }),
    }),
  ),
  join: fc.record({
    kind: fc.constantFrom('inner', 'left', 'right', 'full', 'cross'),
    source: tie('source'),
    alias,
    on: fc.tuple(column, column),
  }),
  cte: fc.record({ name: alias, select: tie('select') }),
  select: fc.record({
    ctes: fc.array(tie('cte'), { maxLength: 2, depthIdentifier: 'select' }),
    from: fc.record({ source: tie('source'), alias }),
    joins: fc.array(tie('join'), { maxLength: 2, depthIdentifier: 'select' }),
    where: fc.option(tie('condition'), { nil: undefined, depthIdentifier: 'select' }),
    shown: fc.nat(2),
    form: fc.constantFrom('rows', 'rows', 'distinct', 'count', 'max', 'group'),
    compound: fc.option(
      fc.record({
        kind: fc.constantFrom('union', 'unionAll', 'intersect', 'except'),
        select: tie('select'),
      }),
      { nil: undefined, freq: 3, depthIdentifier: 'select' },
    ),
    limit: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  }),
}))

/** Reading statements: joins of every kind, sub-queries, common table expressions, compounds. */
export const anySelect: fc.Arbitrary<Select> = select

/** Writing statements, their conditions and values from anywhere. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant('update' as const),
    table,
    rank: fc.oneof(fc.integer({ min: 50, max: 60 }), select),
    from: fc.option(fc.record({ source, alias }), { nil: undefined }),
    where: fc.option(condition, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('delete' as const),
    table,
    where: fc.option(condition, { nil: undefined }),
  }),
)
