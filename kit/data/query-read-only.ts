import type { ColumnRow, Database, Value } from '#kit/db'
import { dataEngines } from './engine/engines.ts'

/** Runs SQL that somebody typed, past all policies. Throws where it would write: nothing is written then. */
export function queryReadOnly(
  database: Pick<Database, 'dialect' | 'reader' | 'write'>,
  sql: string,
  values: readonly Value[] = [],
): Promise<ColumnRow[]> {
  return dataEngines[database.dialect.name].query(database, sql, values)
}
