import type { SQL } from 'bun'

/** Does the work; resolves with what it answered once the server has that on disk. */
export type Write = <T>(work: (sql: SQL) => Promise<T>) => Promise<T>

/** The two ways to commit. */
export const commits: Readonly<Record<string, (sql: SQL) => Write>> = {
  /** As in Plinth: a serializable transaction for each write. */
  transaction: (sql) => (work) =>
    sql.begin('isolation level serializable', (unit) => work(unit)) as ReturnType<typeof work>,
  /** Each statement by itself, as the server does it where nothing is said. */
  statement: (sql) => (work) => work(sql),
}
