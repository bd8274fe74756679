import {
  type CompiledQuery,
  createQueryId,
  type DatabaseConnection,
  DeleteQueryNode,
  Kysely,
  type QueryCompiler,
  type QueryResult,
  type RootOperationNode,
  SqliteIntrospector,
} from 'kysely'
import type { AnyModel } from '#kit/model'
import { noteSome } from '../changes/note-change.ts'
import { assertWritable, type BoundModel } from '../repository/bound-model.ts'
import { planOf } from '../repository/model-plan.ts'
import { referrersTo } from '../repository/referrers.ts'
import type { Scoping } from '../repository/scope.ts'
import type { Binding, Database, Query, Value } from '../types.ts'
import { decoderOf, type RowDecoder } from './decode-results.ts'
import { PolicyTransformer } from './policy-transformer.ts'
import {
  type IsRecorded,
  type RecordedWrite,
  recordedWriteOf,
  type WrittenTable,
  writtenTables,
} from './recorded-write.ts'
import { refuse } from './refuse.ts'
import { type Ran, runRecorded } from './run-recorded.ts'

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
    const known = new WeakMap<CompiledQuery, Known>()
    const kysely = new Kysely<never>({
      dialect: {
        createAdapter: database.dialect.createAdapter,
        createDriver: () => createDriver(database, { ...bound, models, known }),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => createCompiler(database, { ...bound, models, known }),
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

/** What is known of a statement that was compiled here. */
interface Known {
  readonly decode: RowDecoder
  readonly recorded: RecordedWrite | undefined
  /** What it writes to where no row of it is recorded. */
  readonly written: readonly WrittenTable[]
}

interface Compiling extends Bound {
  readonly models: readonly AnyModel[]
  readonly known: WeakMap<CompiledQuery, Known>
}

function createCompiler(
  database: Database,
  { models, binding, scoping, known }: Compiling,
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
      const recorded = recordedWriteOf(secured, isRecordedIn(database, byTable))
      known.set(compiled, {
        decode: decoderOf(models, node, database.dialect),
        recorded,
        written: recorded ? [] : writtenTables(secured),
      })
      return compiled
    },
  }
}

/** Also where only what goes along with a removed row is recorded. */
function isRecordedIn({ models }: Database, byTable: ReadonlyMap<string, AnyModel>): IsRecorded {
  return (table, write) => {
    const model = byTable.get(table)
    if (!model || model.isAudited) return model
    const bringsAlong = DeleteQueryNode.is(write) && models && referrersTo(models, model).length > 0
    return bringsAlong ? model : undefined
  }
}

function createDriver(database: Database, { binding, scoping, known, models: named }: Compiling) {
  const { dialect, models } = database
  const compiler = dialect.createQueryCompiler()
  const run = async ({ query, sql, parameters }: CompiledQuery): Promise<Ran> => {
    const values = parameters.map(dialect.encodeParameter) as Value[]
    if (!answersRows(query))
      return { rows: [], count: await binding.executor.executeChange(sql, values) }
    const rows = await binding.executor.execute(sql, values)
    return { rows, count: rows.length }
  }
  const runNode = (node: RootOperationNode) => run(compiler.compileQuery(node, createQueryId()))
  const runWhole = (compiled: CompiledQuery, { recorded }: Known): Promise<Ran> => {
    if (!recorded) return run(compiled)
    const bound: BoundModel = { plan: planOf(recorded.model, dialect), binding, scoping, models }
    return runRecorded(bound, recorded, runNode)
  }
  const note = (written: readonly WrittenTable[]) => {
    for (const { table, action } of written) {
      const model = named.find((each) => each.table === table)
      if (model) noteSome(binding.executor, model, action)
    }
  }
  const connection: DatabaseConnection = {
    executeQuery: async <R>(compiled: CompiledQuery): Promise<QueryResult<R>> => {
      const found = known.get(compiled) ?? refuse('SQL that was not compiled here does not run')
      if (compiled.query.kind !== 'SelectQueryNode') assertWritable(binding)
      const { rows, count } = await runWhole(compiled, found)
      if (count > 0 || rows.length > 0) note(found.written)
      return { rows: rows.map(found.decode) as R[], numAffectedRows: BigInt(count) }
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
