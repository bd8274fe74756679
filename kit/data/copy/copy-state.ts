import { z } from 'zod'
import { Problem } from '#kit/core'
import { tablesOf } from '../layout.ts'
import type { Connection } from '../transaction.ts'

/** Where a copy is kept count of, in the target itself: what it says is true of the rows, whenever it was killed. */
const stateTable = 'plinth_copy'

const startSchema = z.strictObject({
  /** Whence, without its password. */
  source: z.string(),
  migrations: z.array(z.strictObject({ id: z.string(), checksum: z.string() })),
  /** The statements that bring suspended references back at the end. */
  references: z.array(z.string()),
})

const tableSchema = z.strictObject({
  last: z.union([z.string(), z.number()]).nullable(),
  rows: z.int(),
  isDone: z.boolean(),
})

export type CopyStart = z.infer<typeof startSchema>

/** How far a table is copied: behind which id the rest of it begins. */
export type TableState = z.infer<typeof tableSchema>

export const untouched: TableState = Object.freeze({ last: null, rows: 0, isDone: false })

export interface CopyState {
  readonly start: CopyStart
  readonly tables: ReadonlyMap<string, TableState>
}

/** The state of the copy that is under way; undefined where there is none. */
export async function readState(connection: Connection): Promise<CopyState | undefined> {
  const { executor, engine } = connection
  if (!(await tablesOf(executor, engine)).includes(stateTable)) return undefined
  const rows = await executor.execute(`SELECT name, value FROM ${stateTable}`)
  const values = new Map(rows.map((row) => [String(row['name']), JSON.parse(String(row['value']))]))
  const start = startSchema.safeParse(values.get(startName))
  if (!start.success)
    throw new Problem(
      'conflict',
      `The table ${stateTable} is not that of a copy. Name a new database.`,
    )
  values.delete(startName)
  const tables = [...values].map(([name, value]) => [name, tableSchema.parse(value)] as const)
  return { start: start.data, tables: new Map(tables) }
}

/** No table has this name: it is no name in SQL. */
const startName = '(start)'

export async function beginState(connection: Connection, start: CopyStart): Promise<void> {
  await connection.executor.execute(
    `CREATE TABLE ${stateTable} (name text PRIMARY KEY, value text NOT NULL)`,
  )
  await put(connection, startName, start)
}

/** Belongs in the transaction that stores the rows. */
export function saveTable(connection: Connection, table: string, state: TableState): Promise<void> {
  return put(connection, table, state)
}

export async function endState({ executor }: Connection): Promise<void> {
  await executor.execute(`DROP TABLE ${stateTable}`)
}

/** Takes back what is counted, not how it began. */
export async function clearTables({ executor, engine }: Connection): Promise<void> {
  const others = `DELETE FROM ${stateTable} WHERE name <> ${engine.placeholder(1)}`
  await executor.executeChange(others, [startName])
}

async function put({ executor, engine }: Connection, name: string, value: unknown): Promise<void> {
  const places = `${engine.placeholder(1)}, ${engine.placeholder(2)}`
  await executor.executeChange(
    `INSERT INTO ${stateTable} (name, value) VALUES (${places}) ` +
      'ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    [name, JSON.stringify(value)],
  )
}
