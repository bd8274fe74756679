import {
  type CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type QueryCompiler,
  type QueryResult,
  type RootOperationNode,
  SqliteIntrospector,
} from 'kysely'
import type { AnyModel } from '#kit/model'
import { planOf } from '../repository/model-plan.ts'
import type { Scoping } from '../repository/scope.ts'
import type { Binding, ColumnRow, Database, Query, Value } from '../types.ts'
import { decoderOf, type RowDecoder } from './decode-results.ts'
import { PolicyTransformer } from './policy-transformer.ts'
import { refuse } from './refuse.ts'

export interface Bound {
  readonly binding: Binding
  readonly scoping: Scoping
}

type Statements = 'SelectQueryNode' | 'UpdateQueryNode' | 'DeleteQueryNode'
const statements: ReadonlySet<string> = new Set<Statements>([
  'SelectQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
])

/**
 * Kysely for hand-written statements. The policies are applied where the statement is compiled, after every
 * plugin, so that nothing can take them off again; what was not compiled here does not run.
 */
export function createQuery(database: Database, bound: Bound): Query {
  return (...models) => {
    const decoders = new WeakMap<CompiledQuery, RowDecoder>()
    const kysely = new Kysely<never>({
      dialect: {
        createAdapter: database.dialect.createAdapter,
        createDriver: () => createDriver(database, { binding: bound.binding, decoders }),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => createCompiler(database, { ...bound, models, decoders }),
      },
    })
    return narrow(kysely, kysely) as never
  }
}

type Creator = Pick<
  Kysely<never>,
  'selectFrom' | 'updateTable' | 'deleteFrom' | 'with' | 'withRecursive'
>

/** Only what starts a statement: no plugins, schemas, transactions or ready-made SQL. */
function narrow(creator: Creator, kysely: Kysely<never>) {
  return Object.freeze({
    selectFrom: creator.selectFrom.bind(creator),
    updateTable: creator.updateTable.bind(creator),
    deleteFrom: creator.deleteFrom.bind(creator),
    with: (...parameters: Parameters<Creator['with']>): unknown =>
      narrow(creator.with(...parameters) as never, kysely),
    withRecursive: (...parameters: Parameters<Creator['withRecursive']>): unknown =>
      narrow(creator.withRecursive(...parameters) as never, kysely),
    fn: kysely.fn,
    case: kysely.case.bind(kysely),
    dynamic: kysely.dynamic,
  })
}

interface Compiling extends Bound {
  readonly models: readonly AnyModel[]
  readonly decoders: WeakMap<CompiledQuery, RowDecoder>
}

function createCompiler(
  database: Database,
  { models, binding, scoping, decoders }: Compiling,
): QueryCompiler {
  const inner = database.dialect.createQueryCompiler()
  const byTable = new Map(models.map((model) => [model.table, model]))
  return {
    compileQuery: (node, queryId) => {
      if (!statements.has(node.kind)) refuse(`${node.kind} is not a select, an update or a delete`)
      const transformer = new PolicyTransformer({
        models: byTable,
        scoping,
        role: binding.actor.role,
        encode: (model, column, value) => planOf(model, database.dialect).encode(column, value),
      })
      const secured: RootOperationNode = transformer.transformNode(node, queryId)
      const compiled = inner.compileQuery(secured, queryId)
      decoders.set(compiled, decoderOf(models, node, database.dialect))
      return compiled
    },
  }
}

interface Running {
  readonly binding: Binding
  readonly decoders: WeakMap<CompiledQuery, RowDecoder>
}

function createDriver(database: Database, { binding, decoders }: Running) {
  const connection: DatabaseConnection = {
    executeQuery: async <R>(compiled: CompiledQuery): Promise<QueryResult<R>> => {
      const decode = decoders.get(compiled) ?? refuse('SQL that was not compiled here does not run')
      const values = compiled.parameters.map(database.dialect.encodeParameter) as Value[]
      if (!answersRows(compiled.query)) {
        assertWritable(binding)
        const changed = await binding.executor.executeChange(compiled.sql, values)
        return { rows: [], numAffectedRows: BigInt(changed) }
      }
      if (compiled.query.kind !== 'SelectQueryNode') assertWritable(binding)
      const rows: ColumnRow[] = await binding.executor.execute(compiled.sql, values)
      return { rows: rows.map(decode) as R[], numAffectedRows: BigInt(rows.length) }
    },
    streamQuery: () => refuse('streaming is not provided'),
  }
  const none = async () => {}
  const noTransaction = async () => refuse('the request is one unit of work already')
  return {
    init: none,
    acquireConnection: async () => connection,
    beginTransaction: noTransaction,
    commitTransaction: noTransaction,
    rollbackTransaction: noTransaction,
    releaseConnection: none,
    destroy: none,
  }
}

function answersRows(node: RootOperationNode): boolean {
  return node.kind === 'SelectQueryNode' || ('returning' in node && node.returning !== undefined)
}

function assertWritable({ executor }: Binding): void {
  if (!executor.isWritable)
    throw new TypeError('Nothing is written here: neither in a GET route nor in prepare.')
}
