import { Problem } from '#kit/core'
import type { Database, Unit } from '#kit/db'
import { assertLoaded, createMigrator, type MigrationSet } from '#kit/migrate'
import { fieldKinds } from '#kit/model'
import type { Finding } from './engine/data-engine.ts'
import { dataEngines } from './engine/engines.ts'
import { quote } from './engine/sql-text.ts'
import { type GuardLayout, readLayout, type TableLayout, tablesOf } from './layout.ts'
import { readBatches } from './read-batches.ts'
import { type Connection, inSnapshot, onConnection } from './transaction.ts'

export interface CheckOptions {
  readonly database: Pick<Database, 'dialect' | 'reader' | 'exclusively' | 'write'>
  readonly sets: readonly MigrationSet[]
  readonly nowMs: () => number
}

/** Says, one after the other, what holds of a database. What it writes is rolled back. */
export async function* checkDatabase(options: CheckOptions): AsyncGenerator<Finding> {
  for (const look of looks) {
    try {
      yield* await look(options)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      yield { level: 'fail', text: error.detail }
    }
  }
}

const lookAtLoad: Look = async ({ database }) => {
  await assertLoaded(database)
  return []
}

type Look = (options: CheckOptions) => Promise<readonly Finding[]>

const lookAtEngine: Look = ({ database }) =>
  onConnection(database, ({ executor, engine }) => engine.inspect(executor))

const lookAtMigrations: Look = async ({ database, sets, nowMs }) => {
  const migrator = createMigrator({ database, sets, nowMs })
  const pending = await migrator.pending()
  const count = (await migrator.status()).length
  if (pending.length === 0)
    return [{ level: 'ok', text: `all ${count} migrations are applied, as their files say` }]
  const text = `pending: ${pending.join(', ')}`
  return [{ level: 'warn', text, repair: 'plinth migrate up' }]
}

/** What is hardest to keep, for each kind. */
const samples: Readonly<Record<string, unknown>> = Object.freeze({
  text: 'Ünïcode ☕ \u{1f9ea} " \\ \n',
  choice: 'word',
  integer: Number.MAX_SAFE_INTEGER,
  number: 0.1 + 0.2,
  boolean: true,
  instant: '2026-03-08T09:30:00.123Z',
  date: '2026-03-08',
  json: ['x', { a: 1e300, b: null, c: 'é' }],
  uuid: '018f0000-0000-7000-8000-00000000beef',
})

const integerKind = fieldKinds['integer']

const trial: TableLayout = {
  name: 'plinth_check',
  columns: [
    ...(integerKind ? [{ name: 'id', kind: integerKind, isOptional: false }] : []),
    ...Object.values(fieldKinds)
      .filter(({ name }) => name in samples)
      .map((kind) => ({ name: `a_${kind.name}`, kind, isOptional: false })),
  ],
  isNumbered: false,
  references: [],
}

const undo = new Error('What was tried is rolled back.')

const tryToWrite: Look = async ({ database }) => {
  const engine = dataEngines[database.dialect.name]
  const given = trial.columns.map(({ name, kind }) => (name === 'id' ? 1 : samples[kind.name]))
  let found: string | undefined
  const attempt = async (unit: Unit) => {
    const columns = trial.columns.map(({ name, kind }) => `${name} ${kind.column[engine.name]}`)
    await unit.execute(`CREATE TABLE ${quote(trial.name)} (${columns.join(', ')})`)
    await engine.createInsert(trial)(unit, [given])
    for await (const { lines } of readBatches(unit, { engine, table: trial })) found = lines[0]
    throw undo
  }
  const fault = await database.write('check', attempt).catch((error: unknown) => error)
  if (fault !== undo) throw fault
  return found === JSON.stringify(given)
    ? [{ level: 'ok', text: 'writes, and reads what was written: every kind of field' }]
    : [{ level: 'fail', text: `reads something else than was written: ${found}` }]
}

const lookForTrial: Look = async ({ database }) =>
  onConnection(database, async ({ executor, engine }) => {
    const isLeft = (await tablesOf(executor, engine)).includes(trial.name)
    const repair = `Drop the table ${trial.name}, and look at the disk.`
    return isLeft
      ? [{ level: 'fail', text: 'what was rolled back is still there', repair }]
      : [{ level: 'ok', text: 'rolls back: nothing of it is left' }]
  })

async function lookAtGuards(
  { executor, engine }: Connection,
  { triggers, lift, set }: GuardLayout,
): Promise<Finding[]> {
  if (triggers.length === 0) return []
  const rows = await executor.execute(engine.listTriggers)
  const missing = triggers.filter((trigger) => !rows.some(({ name }) => name === trigger))
  if (missing.length === 0)
    return [{ level: 'ok', text: 'the rows of the audit trail cannot be changed' }]
  const text = `the rows of the audit trail can be changed: ${missing.join(', ')} is gone or off`
  const repair = `Find out who did that, run plinth audit verify, then: ${[...lift, ...set].join('; ')}`
  return [{ level: 'fail', text, repair }]
}

const lookAtRows: Look = ({ database, sets }) =>
  onConnection(database, (connection) =>
    inSnapshot(connection, async () => {
      const { executor, engine } = connection
      const findings: Finding[] = []
      const { foreign, guards } = await readLayout({ executor, engine, sets })
      findings.push(...(await lookAtGuards(connection, guards)))
      if (foreign.length > 0)
        findings.push({
          level: 'warn',
          text: `tables that no migration has made, left out of backups: ${foreign.join(', ')}`,
        })
      const orphans = await engine.findOrphans(executor)
      findings.push(
        orphans.length === 0
          ? { level: 'ok', text: 'every reference leads to a row' }
          : { level: 'fail', text: `references lead nowhere: ${orphans.join(', ')}` },
      )
      return findings
    }),
  )

const looks = [lookAtEngine, lookAtLoad, lookAtMigrations, tryToWrite, lookForTrial, lookAtRows]
