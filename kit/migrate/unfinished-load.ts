import { Problem, toInstant } from '#kit/core'
import type { Database, Executor } from '#kit/db'
import type { DialectName } from '#kit/model'
import { engines } from './engines.ts'

/** Holds a row while rows are put in from elsewhere: whoever finds one finds a database that is not whole. */
export const loadTable = 'plinth_load'

/** What is being put into a database. */
export interface Load {
  /** As one calls it: `plinth db copy`. */
  readonly command: string
  /** Whence, without a password. */
  readonly source: string
}

interface Place {
  readonly executor: Executor
  readonly engine: { readonly name: DialectName }
}

/** Marks the database as one that a load has begun on, in place of an earlier one. */
export async function beginLoad(
  { executor, engine }: Place,
  { command, source }: Load,
  nowMs: number,
): Promise<void> {
  const { placeholder } = engines[engine.name]
  await executor.execute(
    `CREATE TABLE IF NOT EXISTS ${loadTable} (command text NOT NULL, source text NOT NULL, begun_at text NOT NULL)`,
  )
  await executor.executeChange(`DELETE FROM ${loadTable}`)
  await executor.executeChange(
    `INSERT INTO ${loadTable} (command, source, begun_at) VALUES (${[1, 2, 3].map(placeholder)})`,
    [command, source, toInstant(nowMs)],
  )
}

/** Takes the mark away; belongs in the transaction that makes the load whole. */
export async function endLoad({ executor }: Pick<Place, 'executor'>): Promise<void> {
  await executor.execute(`DROP TABLE IF EXISTS ${loadTable}`)
}

/** Throws `conflict` with the repair where a load was begun and not finished. One statement where none was. */
export async function assertLoaded({
  reader,
  dialect,
}: Pick<Database, 'reader' | 'dialect'>): Promise<void> {
  const { tableExists } = engines[dialect.name]
  if ((await reader.execute(tableExists, [loadTable])).length === 0) return
  const [load] = await reader.execute(`SELECT command, source, begun_at FROM ${loadTable}`)
  if (!load) return
  throw new Problem(
    'conflict',
    `The database is not whole: "${load['command']}" from ${load['source']}, begun at ${load['begun_at']}, was not finished. Let it finish, or call the same again; or name another database.`,
  )
}
