import { AuditChain, AuditEntry, bindSystem } from '#kit/db'
import { anonymous } from '#kit/model'
import { type Check, type Facts, sound } from './check.ts'

const dayMs = 86_400_000

export const auditCheck: Check = {
  name: 'audit',
  look: async ({ config, database, nowMs }: Facts) => {
    if (config === undefined || database === undefined) return []
    const binding = { executor: database.reader, actor: anonymous, nowMs: () => nowMs }
    const system = bindSystem(database, binding)
    // That there is no trail yet is told by the check of migrations.
    const found = await Promise.all([
      system(AuditEntry).list({ sort: 'id', limit: 1, count: true }),
      system(AuditChain).count(),
    ]).catch(() => undefined)
    if (found === undefined) return []
    const [{ rows, total = 0 }, chains] = found
    const oldest = rows[0] ? `, oldest of ${rows[0].created_at}` : ''
    const { auditRetentionMs } = config
    const kept =
      auditRetentionMs === undefined
        ? 'kept for ever'
        : `kept ${Math.floor(auditRetentionMs / dayMs)} days`
    return [sound(`${total} entries in ${chains} chains${oldest}, ${kept}`)]
  },
}
