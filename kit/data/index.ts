export { copyNatively } from './backup/copy-natively.ts'
export type { BackupHeader, Manifest } from './backup/format.ts'
export type { BackupContents } from './backup/read-whole.ts'
export { type RestoreOptions, restoreBackup, verifyBackup } from './backup/restore-backup.ts'
export { type BackupOptions, type BackupReport, writeBackup } from './backup/write-backup.ts'
export { type CheckOptions, checkDatabase } from './check-database.ts'
export { type CopyOptions, type CopyReport, copyDatabase } from './copy/copy-database.ts'
export { openOrCreate } from './create-database.ts'
export type { Finding } from './engine/data-engine.ts'
export {
  assertGoingOn,
  isInterrupted,
  type Phase,
  type Progress,
  type WorkOptions,
} from './progress.ts'
export { queryReadOnly } from './query-read-only.ts'
