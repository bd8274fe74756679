import { Problem } from '#kit/core'
import type { Executor } from '#kit/db'
import type { Engine, Observation, Patience } from './engine.ts'
import { createTableSteps } from './sqlite-ddl.ts'
import { describeTables } from './sqlite-schema.ts'
import { readText } from './step.ts'

/** The longest pause between two looks at a lock. */
const pauseMs = 50

export const sqliteEngine: Engine = Object.freeze({
  name: 'sqlite',
  placeholder: () => '?',
  tableExists: "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
  createTable: createTableSteps,
  begin,
  enter,
  scriptAround: [['PRAGMA foreign_keys = OFF'], ['PRAGMA foreign_keys = ON']],
  findOrphans,
  // Its faults say all there is to know.
  explain: async () => undefined,
  describe: describeTables,
  asText: (column) => column,
  observe,
} satisfies Engine)

/** Takes the write lock at once: what is read afterwards holds until the commit. */
async function begin(executor: Executor, { turnMs }: Patience): Promise<void> {
  const until = performance.now() + turnMs
  for (let pause = 1; ; pause = Math.min(pause * 2, pauseMs)) {
    try {
      await executor.execute('BEGIN IMMEDIATE')
      return
    } catch (cause) {
      if (!isBusy(cause)) throw cause
      if (performance.now() > until) throw heldTooLong(turnMs, cause)
      await Bun.sleep(pause)
    }
  }
}

function isBusy(error: unknown): boolean {
  const cause = error instanceof Problem ? error.cause : error
  return cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_BUSY')
}

function heldTooLong(turnMs: number, cause: unknown): Problem {
  return new Problem(
    'unavailable',
    `Another process has been writing to the database for ${turnMs / 1000} s. Wait until it is done, or stop it, and try again.`,
    { cause },
  )
}

/** Foreign keys cannot be switched within a transaction, and a table cannot be made anew with them on. */
async function enter(executor: Executor): Promise<() => Promise<void>> {
  const foreignKeys = await readText(executor.execute('PRAGMA foreign_keys'))
  const leave = async () => {
    await executor.execute(`PRAGMA foreign_keys = ${Number(foreignKeys)}`)
  }
  try {
    await executor.execute('PRAGMA foreign_keys = OFF')
    const isOff = (await readText(executor.execute('PRAGMA foreign_keys'))) === '0'
    if (!isOff) throw new Problem('internal', 'Migrations must not run within a transaction.')
  } catch (error) {
    await leave()
    throw error
  }
  return leave
}

async function findOrphans(executor: Executor): Promise<string[]> {
  const rows = await executor.execute('PRAGMA foreign_key_check')
  return [...new Set(rows.map(({ table, parent }) => `${table} to ${parent}`))]
}

async function observe(executor: Executor): Promise<Observation> {
  const tables = await executor.execute(
    "SELECT name, rootpage FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  )
  return {
    locks: {},
    places: Object.fromEntries(tables.map(({ name, rootpage }) => [name, String(rootpage)])),
  }
}
