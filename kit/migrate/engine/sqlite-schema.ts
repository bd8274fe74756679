import type { Executor } from '#kit/db'
import type { TableDescription } from './engine.ts'

export async function describeTables(executor: Executor): Promise<TableDescription[]> {
  const tables = await executor.execute(
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'plinth_migrations' ORDER BY name",
  )
  const described: TableDescription[] = []
  for (const { name, sql } of tables)
    described.push(await describeTable(executor, String(name), String(sql)))
  return described
}

async function describeTable(
  executor: Executor,
  name: string,
  sql: string,
): Promise<TableDescription> {
  const columns = await executor.execute(
    'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?) ORDER BY name',
    [name],
  )
  const references = await executor.execute(
    'SELECT "from", "table", "to", on_delete FROM pragma_foreign_key_list(?) ORDER BY "from"',
    [name],
  )
  const indexes = await ofTable(executor, 'index', name)
  const triggers = await ofTable(executor, 'trigger', name)
  return {
    name,
    isStrict: /\)\s*STRICT$/.test(sql),
    isNumbered: sql.includes('AUTOINCREMENT'),
    columns,
    references,
    indexes,
    triggers,
  }
}

function ofTable(executor: Executor, type: string, table: string) {
  return executor.execute(
    'SELECT name, sql FROM sqlite_master WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL ORDER BY name',
    [type, table],
  )
}
