import { join } from 'node:path'
import { Throttle } from '#kit/auth'
import { AuditChain, AuditEntry } from '#kit/db'
import { IdempotencyKey } from '#kit/http'
import { defineTool } from './define-tool.ts'

/** The kit's own tables, as a tool that comes before all others. */
export const plinthTool = defineTool({
  name: 'plinth',
  models: [AuditEntry, AuditChain, IdempotencyKey, Throttle],
  routes: [],
  migrations: join(import.meta.dir, 'migrations'),
})
