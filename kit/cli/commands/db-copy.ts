import type { DatabaseConfig } from '#kit/core'
import { copyDatabase } from '#kit/data'
import { defineCommand, toMigrationSets, usageFault } from '#kit/tool'
import { addressOf, databaseConfig, withDatabase, withNewDatabase } from '../data/databases.ts'
import { interruptible } from '../data/interruptible.ts'
import { createProgressLines, number } from '../data/progress-lines.ts'

export const dbCopy = defineCommand({
  name: 'db copy',
  summary: 'Copy all data into an empty database, of the same engine or another',
  usage: '',
  options: {
    from: { type: 'string', value: 'URL', about: 'Whence; default: DATABASE_URL' },
    to: { type: 'string', value: 'URL', about: 'Whither; made where it is not there' },
    restart: {
      type: 'boolean',
      about: 'Remove what an earlier copy has put there, and begin anew',
    },
  },
  notes: [
    'Stop the server first: what is written to the source meanwhile is not copied. At the end both are read and compared.',
    'Stopped or killed, it goes on where it was when the same is called again.',
  ],
  examples: [
    'plinth db copy --from sqlite:///data/app.db --to postgresql://plinth:…@localhost/plinth',
    'plinth db copy --from "$DATABASE_URL" --to sqlite:///data/copy.db',
  ],
  environment: ['DATABASE_URL', 'DATABASE_POOL_MAX'],
  run: async ({ io, options, environment, loadApp }) => {
    if (options.to === undefined) throw usageFault('db copy: It needs --to URL.')
    const from = databaseConfig(environment, options.from, options.from ? '--from' : undefined)
    const to = databaseConfig(environment, options.to, '--to')
    assertDifferent(from, to)
    const sets = toMigrationSets(await loadApp())
    const resume = 'What is copied stays. Call the same again, and it goes on from there.'
    return interruptible(io, resume, (signal) =>
      withDatabase(from, (source) =>
        withNewDatabase(to, async (target) => {
          const startedMs = performance.now()
          const report = await copyDatabase({
            from: source,
            to: target,
            source: addressOf(from),
            sets,
            nowMs: Date.now,
            isRestarted: options.restart ?? false,
            onProgress: createProgressLines(io),
            signal,
          })
          for (const { name, rows } of report.tables)
            io.out(`${number(rows).padStart(12)}  ${name}`)
          if (report.foreign.length > 0)
            io.err(
              `plinth: Left out, since no migration has made them: ${report.foreign.join(', ')}`,
            )
          const seconds = (performance.now() - startedMs) / 1000
          io.out(toSummary(report, seconds))
          return 0
        }),
      ),
    )
  },
})

function assertDifferent(from: DatabaseConfig, to: DatabaseConfig): void {
  if (addressOf(from) === addressOf(to))
    throw usageFault('db copy: --from and --to name the same database.')
}

function toSummary(
  { tables, kept }: Awaited<ReturnType<typeof copyDatabase>>,
  seconds: number,
): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0) - kept
  const before = kept > 0 ? `, ${number(kept)} were there from before` : ''
  const pace = number(Math.round(rows / seconds))
  return `copied ${number(rows)} rows in ${seconds.toFixed(1)} s (${pace} rows/s)${before}; both databases hold the same`
}
