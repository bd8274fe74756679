import type { DialectName } from '#kit/model'
import type { DataEngine } from './data-engine.ts'
import { postgresData } from './postgres.ts'
import { sqliteData } from './sqlite.ts'

export const dataEngines: Readonly<Record<DialectName, DataEngine>> = Object.freeze({
  sqlite: sqliteData,
  postgres: postgresData,
})
