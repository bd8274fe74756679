import { Problem } from '#kit/core'
import type { Executor } from '#kit/db'
import type { Engine } from './engine.ts'
import { createTableSteps } from './sqlite-ddl.ts'
import { readText } from './step.ts'

/** How long one process waits while another migrates. */
const waitMs = 120_000

export const sqliteEngine: Engine = Object.freeze({
  name: 'sqlite',
  placeholder: () => '?',
  tableExists: "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
  createTable: createTableSteps,
  // Takes the write lock at once: what is read afterwards holds until the commit.
  begin: ['BEGIN IMMEDIATE'],
  enter,
  findOrphans,
})

/** Foreign keys cannot be switched within a transaction, and a table cannot be made anew with them on. */
async function enter(executor: Executor): Promise<() => Promise<void>> {
  const busy = await readText(executor.execute('PRAGMA busy_timeout'))
  const foreignKeys = await readText(executor.execute('PRAGMA foreign_keys'))
  const leave = async () => {
    await executor.execute(`PRAGMA foreign_keys = ${Number(foreignKeys)}`)
    await executor.execute(`PRAGMA busy_timeout = ${Number(busy)}`)
  }
  try {
    await executor.execute(`PRAGMA busy_timeout = ${waitMs}`)
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
