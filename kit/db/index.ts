export { type AuditDraft, secretChanged } from './audit/audit-draft.ts'
export { type AuditAction, AuditChain, AuditEntry, auditActions } from './audit/audit-models.ts'
export { type AuditUnit, type UndoTarget, unitsOfRequest } from './audit/undo/find-range.ts'
export { type Undone, type UndoneEntry, undo } from './audit/undo/undo.ts'
export { bindEveryone, bindRepositories, bindSystem } from './bind.ts'
export { entityTag } from './entity-tag.ts'
export { openDatabase } from './open-database.ts'
export type {
  Awaitable,
  Binding,
  BoundRepositories,
  ColumnRow,
  Database,
  Dialect,
  Executor,
  Query,
  Statement,
  Unit,
  Value,
} from './types.ts'
