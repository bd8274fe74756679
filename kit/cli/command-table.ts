import type { CommandTable } from '#kit/tool'

/** The kit's own commands. Each file is loaded when its command is called. */
export const builtIn: CommandTable = Object.freeze({
  start: async () => (await import('./commands/start.ts')).start,
  dev: async () => (await import('./commands/dev.ts')).dev,
  build: async () => (await import('./commands/build.ts')).build,
  'migrate status': async () => (await import('./commands/migrate-status.ts')).migrateStatus,
  'migrate make': async () => (await import('./commands/migrate-make.ts')).migrateMake,
  'migrate up': async () => (await import('./commands/migrate-up.ts')).migrateUp,
  'migrate down': async () => (await import('./commands/migrate-down.ts')).migrateDown,
  'db init': async () => (await import('./commands/db-init.ts')).dbInit,
  'db check': async () => (await import('./commands/db-check.ts')).dbCheck,
  'db shell': async () => (await import('./commands/db-shell.ts')).dbShell,
  'db backup': async () => (await import('./commands/db-backup.ts')).dbBackup,
  'db restore': async () => (await import('./commands/db-restore.ts')).dbRestore,
  'db copy': async () => (await import('./commands/db-copy.ts')).dbCopy,
  'db seed': async () => (await import('./commands/db-seed.ts')).dbSeed,
  seed: async () => (await import('./commands/seed.ts')).seedSet,
  'migrate rehearse': async () => (await import('./commands/migrate-rehearse.ts')).migrateRehearse,
  'migrate sql': async () => (await import('./commands/migrate-sql.ts')).migrateSql,
  'audit verify': async () => (await import('./commands/audit-verify.ts')).auditVerify,
  'audit show': async () => (await import('./commands/audit-show.ts')).auditShow,
  'audit prune': async () => (await import('./commands/audit-prune.ts')).auditPrune,
  'audit undo': async () => (await import('./commands/audit-undo.ts')).auditUndo,
  'secret rotate': async () => (await import('./commands/secret-rotate.ts')).secretRotate,
  'jobs list': async () => (await import('./commands/jobs-list.ts')).jobsList,
  'jobs run': async () => (await import('./commands/jobs-run.ts')).jobsRun,
  import: async () => (await import('./commands/import.ts')).importCsv,
  export: async () => (await import('./commands/export.ts')).exportCsv,
  routes: async () => (await import('./commands/routes.ts')).routes,
  openapi: async () => (await import('./commands/openapi.ts')).openapi,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
})

/** The name that stands at the start of these words, the longest first: `migrate up` before `migrate`. */
export function commandIn(table: CommandTable, words: readonly string[]): string | undefined {
  for (let count = words.length; count > 0; count--) {
    const name = words.slice(0, count).join(' ')
    if (Object.hasOwn(table, name)) return name
  }
  return undefined
}

/** The commands of a group: all of whose names begin with this word. */
export function groupOf(table: CommandTable, word: string): string[] {
  return Object.keys(table).filter((name) => name.startsWith(`${word} `))
}
