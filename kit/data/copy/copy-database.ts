import { Problem } from '#kit/core'
import type { Database } from '#kit/db'
import { assertLoaded, endLoad, type MigrationSet } from '#kit/migrate'
import { createDigest, type Digest, digestOf } from '../digest.ts'
import { type Expected, finishLoad } from '../finish-load.ts'
import { type Layout, readLayout, type TableLayout } from '../layout.ts'
import { markLoad, unmark } from '../mark-load.ts'
import { migrateTo } from '../migrate-to.ts'
import { createPace, type Pace, type WorkOptions } from '../progress.ts'
import { type Batch, countRows, lastNumber, readBatches } from '../read-batches.ts'
import { assertEmpty, storeRows } from '../store-rows.ts'
import { type Connection, inSnapshot, inWrite, onConnection } from '../transaction.ts'
import { type CopyState, endState, readState, saveTable, untouched } from './copy-state.ts'
import { startOrGoOn } from './start-copy.ts'

type CopiedDatabase = Pick<Database, 'dialect' | 'reader' | 'exclusively'>

export interface CopyOptions extends WorkOptions {
  readonly from: CopiedDatabase
  readonly to: CopiedDatabase
  /** Names the source, without its password: a copy goes on only from where it began. */
  readonly source: string
  readonly sets: readonly MigrationSet[]
  readonly nowMs: () => number
  /** Empties the target of what an earlier copy has put there, and begins anew. */
  readonly isRestarted?: boolean
}

export interface CopyReport {
  readonly tables: readonly Expected[]
  /** How many rows an earlier run had copied already. */
  readonly kept: number
  /** Tables that no migration of the app has made: they were not copied. */
  readonly foreign: readonly string[]
}

/**
 * Copies all data into an empty database, which may be of another engine, and compares the two at the end. Killed or
 * stopped (`interrupted`), it goes on where it was when called again. Throws `conflict` where the target holds other
 * rows, or where the two differ at the end.
 */
export async function copyDatabase(options: CopyOptions): Promise<CopyReport> {
  await assertLoaded(options.from)
  return onConnection(options.from, (source) =>
    inSnapshot(source, async () => {
      const layout = await readLayout({ ...source, sets: options.sets })
      await prepareTarget(layout, options)
      return onConnection(options.to, (target) => copyAll({ source, target, layout, options }))
    }),
  )
}

interface WholeCopy {
  readonly source: Connection
  readonly target: Connection
  readonly layout: Layout
  readonly options: CopyOptions
}

async function copyAll({ source, target, layout, options }: WholeCopy): Promise<CopyReport> {
  const state = await startOrGoOn({ target, layout, options }).catch(unmark((work) => work(target)))
  const expected: Expected[] = []
  for (const table of layout.tables)
    expected.push(await copyTable({ source, target, table, state, options }))
  const { references } = state.start
  await inWrite(target, async () => {
    await finishLoad(target, { layout, expected, references, options }).catch(explain)
    await endState(target)
    await endLoad(target)
  })
  const kept = [...state.tables.values()].reduce((sum, { rows }) => sum + rows, 0)
  return { tables: expected, kept, foreign: layout.foreign }
}

/**
 * Brings an empty target to where the source's migrations are; leaves a half copied one as it is. Until the copy is
 * whole the target is marked, so that no server takes it for one it may serve.
 */
async function prepareTarget(layout: Layout, options: CopyOptions): Promise<void> {
  const { to, source, sets, nowMs } = options
  const isUnderWay = await onConnection(to, async (target) => {
    if ((await readState(target)) !== undefined) return true
    await assertEmpty(target)
    const load = { command: 'plinth db copy', source }
    await markLoad(target, load, nowMs())
    return false
  })
  if (isUnderWay) return
  await migrateTo(layout.migrations, { database: to, sets, nowMs }).catch(
    unmark((work) => onConnection(to, work)),
  )
}

function explain(error: unknown): never {
  if (!(error instanceof Problem) || error.kind.code !== 'conflict') throw error
  throw new Problem(
    'conflict',
    `${error.detail} The source was written to between two runs, or the target was. Stop the servers on both and run the same with --restart.`,
    { cause: error },
  )
}

interface TableCopy {
  readonly source: Connection
  readonly target: Connection
  readonly table: TableLayout
  readonly state: CopyState
  readonly options: CopyOptions
}

async function copyTable(copy: TableCopy): Promise<Expected> {
  const { source, table } = copy
  const last = await lastNumber(source.executor, { ...source, table })
  return { name: table.name, ...(await copyRows(copy)), last }
}

/** Copies what is still missing; answers what the source holds. */
async function copyRows(copy: TableCopy): Promise<Digest> {
  const { source, table, state, options } = copy
  const known = state.tables.get(table.name) ?? untouched
  const total = await countRows(source.executor, table.name)
  const place = { table: table.name, total }
  // What an earlier run has copied was never read in this one.
  const digest = known.last === null ? createDigest() : undefined
  if (!known.isDone) {
    const pace = createPace(options, { ...place, phase: 'writing', rows: known.rows })
    await copyBatches(copy, { known, pace, onBatch: ({ lines }) => digest?.add(lines) })
  }
  if (digest && !known.isDone) return digest.finish()
  const pace = createPace(options, { ...place, phase: 'reading', rows: 0 })
  return digestOf(source.executor, { ...source, table }, pace)
}

interface BatchCopy {
  readonly known: typeof untouched
  readonly pace: Pace
  readonly onBatch: (batch: Batch) => void
}

async function copyBatches(
  { source, target, table }: TableCopy,
  { known, pace, onBatch }: BatchCopy,
): Promise<void> {
  const store = { table, insert: target.engine.createInsert(table) }
  let { last, rows } = known
  const range = { engine: source.engine, table, after: last }
  for await (const batch of readBatches(source.executor, range)) {
    rows += batch.rows.length
    last = batch.rows.at(-1)?.[0] as string | number
    const state = { last, rows, isDone: false }
    await inWrite(target, async () => {
      await storeRows(target.executor, store, batch.rows)
      await saveTable(target, table.name, state)
    })
    onBatch(batch)
    pace.advance(batch.rows.length)
  }
  await inWrite(target, () => saveTable(target, table.name, { last, rows, isDone: true }))
}
