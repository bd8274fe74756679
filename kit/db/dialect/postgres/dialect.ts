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
  raiseNumbering:
    "SELECT setval(s, $2::bigint) FROM (SELECT pg_get_serial_sequence(quote_ident($1::text), 'id')::regclass AS s) AS q " +
    'WHERE coalesce(pg_sequence_last_value(s), 0) < $2::bigint',
  encodeParameter: (value) => value,
} satisfies Dialect)
