export { type AuditDraft, secretChanged } from './audit/audit-draft.ts'
export type { ChainHead } from './audit/audit-entry.ts'
export type { AuditFault, AuditFaultKind } from './audit/audit-fault.ts'
export { type AuditAction, AuditChain, AuditEntry, auditActions } from './audit/audit-models.ts'
export { firstIdAt, idsWithin } from './audit/entry-id.ts'
export { type PruneOptions, pruneAudit } from './audit/prune-audit.ts'
export { type AuditUnit, type UndoTarget, unitsOfRequest } from './audit/undo/find-range.ts'
export { type Undone, type UndoneEntry, undo } from './audit/undo/undo.ts'
export { type AuditProgress, type AuditReport, verifyAudit } from './audit/verify-audit.ts'
export { bindEveryone, bindRepositories, bindSystem } from './bind.ts'
export {
  type ChangeWatcher,
  type Committed,
  isFollowed,
  type RowChange,
  type Watching,
} from './changes/row-change.ts'
export {
  assertOrdered,
  closeUp,
  type ItemOrder,
  lastPlace,
  listOrdered,
  listWithInactive,
  mostOrdered,
  moveTo,
  type OrderedRow,
  type OrderedRows,
  reorder,
} from './display-order.ts'
export { entityTag } from './entity-tag.ts'
export { holdsText } from './holds-text.ts'
export { openDatabase } from './open-database.ts'
export type {
  Awaitable,
  Binding,
  BoundRepositories,
  ColumnRow,
  Database,
  Dialect,
  DroppedFile,
  Executor,
  Query,
  Statement,
  Unit,
  Value,
  WriteOptions,
} from './types.ts'
