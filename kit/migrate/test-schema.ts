import type { Executor } from '#kit/db'

/** What the database itself says its tables are, in a form that two databases can be compared by. */
export async function schemaOf(executor: Executor): Promise<unknown> {
  const tables = await executor.execute(
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'plinth_migrations' ORDER BY name",
  )
  const described = []
  for (const { name, sql } of tables)
    described.push(await describeTable(executor, String(name), String(sql)))
  return described
}

async function describeTable(executor: Executor, name: string, sql: string) {
  const columns = await executor.execute(
    'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?) ORDER BY name',
    [name],
  )
  const references = await executor.execute(
    'SELECT "from", "table", "to", on_delete FROM pragma_foreign_key_list(?) ORDER BY "from"',
    [name],
  )
  const indexes = await executor.execute(
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY name",
    [name],
  )
  return {
    name,
    isStrict: /\)\s*STRICT$/.test(sql),
    isNumbered: sql.includes('AUTOINCREMENT'),
    columns,
    references,
    indexes,
  }
}

/** Every row of every table, by table. */
export async function rowsOf(
  executor: Executor,
): Promise<Record<string, Record<string, unknown>[]>> {
  const tables = await executor.execute(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'plinth_migrations' ORDER BY name",
  )
  const rows: Record<string, Record<string, unknown>[]> = {}
  for (const { name } of tables) {
    rows[String(name)] = await executor.execute(`SELECT * FROM "${name}" ORDER BY "id"`)
  }
  return rows
}
