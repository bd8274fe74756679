import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, sql } from 'kysely'
import type { Dialect } from '../../types.ts'
import { StableSqliteCompiler } from './stable-compiler.ts'

export const sqliteDialect: Dialect = Object.freeze({
  name: 'sqlite',
  compiler: new Kysely<Record<string, Record<string, unknown>>>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new StableSqliteCompiler(),
    },
  }),
  createAdapter: () => new SqliteAdapter(),
  createQueryCompiler: () => new StableSqliteCompiler(),
  // The only writer reads what it is about to change: nobody can come between.
  lockRow: undefined,
  changesInsideRead: false,
  fold: (text) => sql<string>`lower(${text})`,
  contains: (text, part) => sql<boolean>`instr(lower(${text}), lower(${part})) > 0`,
  raiseNumbering: undefined,
  encodeParameter: (value) => (typeof value === 'boolean' ? Number(value) : value),
} satisfies Dialect)
