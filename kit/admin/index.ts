export type {
  Activities,
  ActivitySpec,
  AuditedUnit,
  AuditedWrite,
  NamesOf,
  RowOf,
} from './activity/activity.ts'
export { describeChanges, describeMany } from './activity/describe-changes.ts'
export { kitActivity } from './activity/kit-activity.ts'
export { type BackOfficeTool, backOfficeRoutes } from './back-office.ts'
export {
  type ActionCall,
  type ActionSpec,
  type Admin,
  type AdminOptions,
  type AdminPlan,
  type AdminVerb,
  defineAdmin,
} from './define-admin.ts'
export { createRows } from './import/create-rows.ts'
export { findClashes } from './import/find-clashes.ts'
export { defineStats, type Stats } from './stats.ts'
