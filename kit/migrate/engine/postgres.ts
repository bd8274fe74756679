import { emptySnapshot } from '../snapshot.ts'
import type { Engine } from './engine.ts'
import { createTableSteps } from './postgres-ddl.ts'

/** Any number of our own: who holds it migrates. */
const lockKey = 7_052_021

export const postgresEngine: Engine = Object.freeze({
  name: 'postgres',
  placeholder: (place) => `$${place}`,
  tableExists: 'SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1',
  createTable: (table) => createTableSteps(table, emptySnapshot),
  begin: ['BEGIN', `SELECT pg_advisory_xact_lock(${lockKey})`],
  enter: async () => async () => {},
  // Its references are never switched off, so none leads nowhere.
  findOrphans: async () => [],
} satisfies Engine)
