import type { Executor, Statement } from '#kit/db'

export function toStatement(sql: string): Statement {
  return Object.freeze({ sql, slots: [] })
}

/** A name in SQL: ours are snake_case, and quoting keeps keywords apart. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The value of the first column of the first row. */
export async function readOne(executor: Executor, sql: string): Promise<unknown> {
  return Object.values((await executor.execute(sql))[0] ?? {})[0]
}
