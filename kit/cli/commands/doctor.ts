import { existsSync } from 'node:fs'
import { createLog, type ParsedConfig, parseConfig, systemClock } from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import { defineCommand } from '#kit/tool'
import { appCheck } from '../doctor/app.ts'
import { auditCheck } from '../doctor/audit.ts'
import { type Check, dataFileOf, type Facts, type Finding } from '../doctor/check.ts'
import { clockCheck } from '../doctor/clock.ts'
import { configCheck } from '../doctor/config.ts'
import { databaseCheck } from '../doctor/database.ts'
import { diskCheck } from '../doctor/disk.ts'
import { issuerCheck } from '../doctor/issuer.ts'
import { jobsCheck } from '../doctor/jobs.ts'
import { migrationsCheck } from '../doctor/migrations.ts'
import { permissionsCheck } from '../doctor/permissions.ts'
import { secretCheck } from '../doctor/secret.ts'
import { toFaultLines } from '../fault-lines.ts'
import { toColumns } from '../help.ts'

const checks: readonly Check[] = [
  configCheck,
  secretCheck,
  issuerCheck,
  appCheck,
  databaseCheck,
  migrationsCheck,
  auditCheck,
  jobsCheck,
  clockCheck,
  permissionsCheck,
  diskCheck,
]

interface Line extends Finding {
  readonly name: string
}

export const doctor = defineCommand({
  name: 'doctor',
  summary:
    'Look for what is wrong with this machine, its settings and its data, and name the repair',
  usage: '',
  options: {},
  notes: [
    'A line is ok, warn or fail; with a fail the exit code is 1. It changes nothing: a trial write is rolled back.',
  ],
  examples: ['plinth doctor', 'PLINTH_ENV=production plinth doctor'],
  environment: ['PLINTH_ENV', 'DATABASE_URL', 'JWT_SECRET_KEY', 'AUTH_JWKS_URL'],
  run: async ({ io, environment, loadApp }) => {
    const parsed = parseConfig(environment)
    const config = parsed.ok ? parsed.value : undefined
    const app = await attempt('app', loadApp)
    const database = await attempt('database', async () => openExisting(config))
    const facts: Facts = {
      environment,
      config,
      app: app.value,
      database: database.value,
      nowMs: systemClock.nowMs(),
    }
    const lines = [...app.lines, ...database.lines, ...(await lookAtAll(facts))]
    await database.value?.close()
    for (const line of toColumns(lines.map(toCells))) io.out(line)
    return lines.some(({ level }) => level === 'fail') ? 1 : 0
  },
})

function toCells({ level, name, text, repair }: Line): string[] {
  return [level, name, repair === undefined ? text : `${text} → ${repair}`]
}

interface Attempt<T> {
  readonly value: T | undefined
  readonly lines: readonly Line[]
}

/** What a fact is, or why it cannot be known. */
async function attempt<T>(name: string, find: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await find(), lines: [] }
  } catch (error) {
    const lines = toFaultLines(error).map((text): Line => ({ level: 'fail', name, text }))
    return { value: undefined, lines }
  }
}

/** The database, unless it is a file that is not there: opening would make it. */
async function openExisting(config: ParsedConfig | undefined): Promise<Database | undefined> {
  if (config === undefined) return undefined
  const file = dataFileOf(config)
  if (file !== undefined && !existsSync(file)) return undefined
  return openDatabase(config.database, { log: createLog('silent') })
}

async function lookAtAll(facts: Facts): Promise<Line[]> {
  const lines: Line[] = []
  for (const { name, look } of checks) {
    const looked = await attempt(name, async () => look(facts))
    lines.push(...looked.lines, ...(looked.value ?? []).map((finding) => ({ ...finding, name })))
  }
  return lines
}
