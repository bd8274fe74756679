export type {
  Activities,
  ActivitySpec,
  AuditedUnit,
  AuditedWrite,
  NamesOf,
} from './activity/activity.ts'
export { describeChanges, describeMany } from './activity/describe-changes.ts'
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
export { defineStats, type Stats } from './stats.ts'
