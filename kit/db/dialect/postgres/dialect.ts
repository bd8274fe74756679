import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely'
import type { Dialect } from '../../types.ts'

export const postgresDialect: Dialect = Object.freeze({
  name: 'postgres',
  compiler: new Kysely<Record<string, Record<string, unknown>>>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
  createAdapter: () => new PostgresAdapter(),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  lockRow: sql`for update`,
  changesInsideRead: true,
  // In the collation "C" only A–Z have a lower case, as in SQLite.
  fold: (text) => sql<string>`lower(${text} collate "C")`,
  contains: (text, part) =>
    sql<boolean>`strpos(lower(${text} collate "C"), lower(${part} collate "C")) > 0`,
  raiseNumbering: (table, id) => {
    const sequence = sql`pg_get_serial_sequence(quote_ident(${table}::text), 'id')::regclass`
    return sql`select setval(${sequence}, ${id}::bigint) where coalesce(pg_sequence_last_value(${sequence}), 0) < ${id}::bigint`
  },
  encodeParameter: (value) => value,
} satisfies Dialect)
