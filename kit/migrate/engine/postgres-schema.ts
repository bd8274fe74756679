import type { Executor } from '#kit/db'
import type { TableDescription } from './engine.ts'

const inSchema = (oid: string) =>
  `${oid} IN (SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace)`

/** What each table has, by parts; every query answers `table_name` and a text that says the thing whole. */
const parts = {
  columns: `SELECT attrelid::regclass::text AS table_name, concat_ws(' ', quote_ident(attname),
      format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,
      CASE WHEN attidentity <> '' THEN 'IDENTITY ' || attidentity::text END,
      'DEFAULT ' || pg_get_expr(adbin, adrelid)) AS said
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped AND ${inSchema('attrelid')}`,
  constraints: `SELECT conrelid::regclass::text AS table_name,
      concat_ws(' ', quote_ident(conname), pg_get_constraintdef(oid)) AS said
    FROM pg_constraint WHERE ${inSchema('conrelid')}`,
  indexes: `SELECT indrelid::regclass::text AS table_name, pg_get_indexdef(indexrelid) AS said
    FROM pg_index WHERE ${inSchema('indrelid')}`,
  triggers: `SELECT tgrelid::regclass::text AS table_name, pg_get_triggerdef(oid) AS said
    FROM pg_trigger WHERE NOT tgisinternal AND ${inSchema('tgrelid')}`,
} as const

export async function describeTables(executor: Executor): Promise<TableDescription[]> {
  const tables = await executor.execute(
    'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> \'plinth_migrations\' ORDER BY tablename COLLATE "C"',
  )
  const said = await Promise.all(
    Object.entries(parts).map(
      async ([part, query]) => [part, await byTable(executor, query)] as const,
    ),
  )
  return tables.map(({ name }) => ({
    name: String(name),
    ...Object.fromEntries(said.map(([part, texts]) => [part, texts.get(String(name)) ?? []])),
  }))
}

async function byTable(executor: Executor, query: string): Promise<Map<string, string[]>> {
  const texts = new Map<string, string[]>()
  for (const { table_name, said } of await executor.execute(query)) {
    const table = String(table_name).replace(/^"(.*)"$/, '$1')
    texts.set(table, [...(texts.get(table) ?? []), String(said)].sort())
  }
  return texts
}
