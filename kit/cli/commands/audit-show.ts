import { fromDuration, toInstant } from '#kit/core'
import { AuditEntry, bindSystem, type Database, firstIdAt } from '#kit/db'
import { anonymous, instantSchema, type Row, type Where } from '#kit/model'
import { type CommandCall, defineCommand, usageFault } from '#kit/tool'
import { withTrail } from '../data/audit-trail.ts'

type Entry = Row<typeof AuditEntry>

const options = {
  model: { type: 'string', value: 'NAME', about: 'Only rows of this model, such as task' },
  row: { type: 'string', value: 'ID', about: 'Only the row with this id; needs --model' },
  actor: { type: 'string', value: 'ID', about: 'Only what this user did; "system" for nobody' },
  request: { type: 'string', value: 'ID', about: 'Only what the request of this id wrote' },
  since: {
    type: 'string',
    value: 'TIME',
    about: 'Only from then on: 2026-03-08, 2026-03-08T09:30Z, or an age such as 2h',
  },
  limit: { type: 'string', value: 'N', about: 'How many at most; default 50' },
  json: { type: 'boolean', about: 'Print each entry as JSON, one a line' },
} as const

type Options = CommandCall<typeof options>['options']

export const auditShow = defineCommand({
  name: 'audit show',
  summary: 'Show who wrote what, newest first',
  usage: '',
  options,
  notes: [
    'A line is: time, entry, what was done to which row, by whom, in which operation; then each value before and after. Secret fields are shown as (changed).',
  ],
  examples: [
    'plinth audit show --model task --row 12',
    'plinth audit show --actor 018f3b1c-0000-7000-8000-00000000ada0 --since 1d',
    'plinth audit show --since 2026-03-08 --limit 1000 --json',
  ],
  environment: ['DATABASE_URL'],
  run: ({ io, options: given, environment }) => {
    const where = toWhere(given)
    const limit = toLimit(given.limit)
    return withTrail(environment, async (database) => {
      for await (const entry of readEntries(database, where, limit))
        for (const line of given.json ? [JSON.stringify(entry)] : toLines(entry)) io.out(line)
      return 0
    })
  },
})

function toWhere(given: Options): Where<typeof AuditEntry> {
  const { model, row, actor, request, since } = given
  if (row !== undefined && model === undefined)
    throw usageFault('audit show: --row needs --model NAME, since ids are those of a model.')
  return {
    ...(model === undefined ? {} : { model }),
    ...(row === undefined ? {} : { row_id: row }),
    ...(actor === undefined ? {} : { actor_id: actor === 'system' ? null : actor }),
    ...(request === undefined ? {} : { request_id: request }),
    ...(since === undefined ? {} : { id: { gte: firstIdAt(toTime(since)) } }),
  }
}

function toTime(text: string): string {
  const ageMs = /[dhms]$/.test(text) ? fromDuration(text) : undefined
  if (ageMs !== undefined) return toInstant(Date.now() - ageMs)
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const parsed = instantSchema.safeParse(isDay ? `${text}T00:00:00Z` : text)
  if (parsed.success) return parsed.data
  throw usageFault(
    `audit show: --since: "${text}" is no time such as 2026-03-08T09:30Z, and no age such as 2h.`,
  )
}

function toLimit(text = '50'): number {
  const limit = /^\d{1,7}$/.test(text) ? Number(text) : 0
  if (limit > 0) return limit
  throw usageFault(`audit show: --limit: "${text}" is no number from 1 to 9,999,999.`)
}

const pageSize = 100

async function* readEntries(
  database: Database,
  where: Where<typeof AuditEntry>,
  limit: number,
): AsyncGenerator<Entry> {
  const binding = { executor: database.reader, actor: anonymous, nowMs: Date.now }
  const entries = bindSystem(database, binding)(AuditEntry)
  let cursor: string | undefined
  for (let left = limit; left > 0; left -= pageSize) {
    const limit = Math.min(left, pageSize)
    const page = await entries.list({ where, sort: '-id', limit, cursor })
    yield* page.rows
    cursor = page.next
    if (cursor === undefined) return
  }
}

function toLines(entry: Entry): string[] {
  const { created_at, id, action, model, row_id, actor_id, operation, undoes } = entry
  const undone = undoes === null ? '' : `, undoes ${undoes}`
  return [
    `${created_at} ${id} ${action} ${model} ${row_id} by ${actor_id ?? 'system'} in ${operation}${undone}`,
    ...changesOf(entry).map((line) => `  ${line}`),
  ]
}

/** `completed: false → true`; of a row that was made or removed for good, all its values. */
function changesOf({ before, after }: Entry): string[] {
  const [old, made] = [parse(before), parse(after)]
  return Object.keys({ ...old, ...made }).map((name) => {
    const values = [old, made].flatMap((image) =>
      image ? [JSON.stringify(image[name] ?? null)] : [],
    )
    return `${name}: ${values.join(' → ')}`
  })
}

function parse(text: string | null): Record<string, unknown> | undefined {
  return text === null ? undefined : (JSON.parse(text) as Record<string, unknown>)
}
