import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type { Bench } from '../contest.ts'
import { makeDatabase } from '../make-database.ts'
import type { Dataset } from '../seed.ts'

/** A database of a shop, closed. */
export interface Shop {
  readonly file: string
  readonly dataset: Dataset
}

/** As many of the staff as there are connections, and what `fill` adds in the transaction that is open. */
export async function makeShop<T>(
  { place, options }: Bench,
  fill: (database: Database, staff: readonly string[]) => T,
): Promise<Shop & T> {
  const dataset = { users: options.connections, tasks: 0 }
  const file = await makeDatabase(place, join(place.folder, `${Bun.randomUUIDv7()}.db`), dataset)
  const database = new Database(file)
  const filled = database.transaction(() => fill(database, hire(database)))()
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  return { file, dataset, ...filled }
}

/** Makes staff of all who sign in. Answers their ids. */
function hire(database: Database): string[] {
  const hired = database.query<{ id: string }, []>(
    `UPDATE users SET role = 'staff' WHERE username LIKE 'owner-%' RETURNING id`,
  )
  return hired.all().map(({ id }) => id)
}
