import type { DialectName } from '#kit/model'
import type { Engine } from './engine/engine.ts'
import { postgresEngine } from './engine/postgres.ts'
import { sqliteEngine } from './engine/sqlite.ts'

export const engines: Readonly<Record<DialectName, Engine>> = Object.freeze({
  sqlite: sqliteEngine,
  postgres: postgresEngine,
})
