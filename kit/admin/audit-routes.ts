import { z } from 'zod'
import { AuditEntry, type BoundRepositories, idsWithin, type UndoTarget, undo } from '#kit/db'
import { defineRoute, idParam, listQuery, pageOf, type Result, type Route } from '#kit/http'
import { instantSchema, type Page, type Row, toWire, uuidSchema } from '#kit/model'

/** What undoing must know of a tool. */
export interface SoundTool {
  readonly assertSound: ((all: BoundRepositories) => Promise<void>) | undefined
}

const path = '/api/admin/audit'
const params = { id: idParam(AuditEntry) }

type Entry = Row<typeof AuditEntry>

/** The audit trail itself, entry by entry, and undoing what it tells of. */
export function auditRoutes(tools: readonly SoundTool[]): Route[] {
  return [listRoute, getRoute, undoRoute(tools)]
}

const values = z.record(z.string(), z.unknown()).nullable()
const text = z.string().nullable()

const entryView = z
  .object({
    id: uuidSchema,
    chain: uuidSchema,
    seq: z.int(),
    unit_seq: z.int(),
    actor_id: text,
    session_id: text,
    request_id: text,
    operation: z.string(),
    action: z.string(),
    model: z.string(),
    row_id: z.string(),
    before: values,
    after: values,
    undoes: text,
    hash: z.string(),
    created_at: instantSchema,
  })
  .meta({ id: 'AuditEntry' })

const show = toWire(AuditEntry)

/** Entries never change, so that `updated_at` says nothing. */
function toView(entry: Entry): Record<string, unknown> {
  const { updated_at: _, ...shown } = show(entry)
  return { ...shown, before: read(entry.before), after: read(entry.after) }
}

function read(json: string | null): unknown {
  return json === null ? null : JSON.parse(json)
}

const page = pageOf(AuditEntry)

const entryPage: Result<Page<Entry>> = Object.freeze({
  ...page,
  schema: z.array(entryView),
  encode: ({ rows }: Page<Entry>) => rows.map(toView),
})

const oneEntry: Result<Entry> = Object.freeze({
  schema: entryView,
  model: AuditEntry,
  hasEntityTag: true,
  isPage: false,
  encode: toView,
})

const list = listQuery(AuditEntry, {
  filters: ['model', 'row_id', 'actor_id', 'action', 'operation', 'request_id', 'created_at'],
})

type ListOptions = ReturnType<typeof list.toOptions>

/** By id, which is in the order of time and has an index. */
function newestFirst(options: ListOptions): ListOptions {
  const { created_at: times } = options.where ?? {}
  const isRange = typeof times === 'object' && times !== null
  const where = isRange ? { ...options.where, id: idsWithin(times) } : options.where
  return { ...options, where, sort: '-id' }
}

const listRoute = defineRoute({
  name: 'admin.audit.list',
  summary: 'List the entries of the audit trail, newest first',
  access: 'admin',
  method: 'GET',
  path,
  query: list.query,
  result: entryPage,
  handle: ({ everyone, query }) => everyone(AuditEntry).list(newestFirst(list.toOptions(query))),
})

const getRoute = defineRoute({
  name: 'admin.audit.get',
  summary: 'Get an entry of the audit trail',
  access: 'admin',
  method: 'GET',
  path: `${path}/:id`,
  params,
  result: oneEntry,
  problems: ['not_found'],
  handle: ({ everyone, params: { id } }) => everyone(AuditEntry).get(id),
})

const undoBody = z
  .strictObject({ scope: z.enum(['entry', 'request']).default('entry') })
  .prefault({})
  .meta({ id: 'AuditUndo' })

const targets: Readonly<Record<z.output<typeof undoBody>['scope'], (id: string) => UndoTarget>> = {
  entry: (entryId) => ({ entryId }),
  request: (unitOf) => ({ unitOf }),
}

const undoneView = z
  .object({
    message: z.literal('Undone'),
    undone: z.int(),
    entries: z.array(uuidSchema).max(100),
  })
  .meta({ id: 'AuditUndone' })

function undoRoute(tools: readonly SoundTool[]): Route {
  return defineRoute({
    name: 'admin.audit.undo',
    summary: 'Undo a write, or all that its request wrote',
    description:
      'All or nothing: where a later write stands in the way it answers 409 and says which. What it writes has entries of its own, which can be undone in turn. `entries` names the first hundred of those that were undone.',
    access: 'admin',
    method: 'POST',
    path: `${path}/:id/undo`,
    params,
    body: undoBody,
    result: undoneView,
    problems: ['not_found', 'conflict'],
    handle: async ({ everyone, params: { id }, body: { scope } }) => {
      const { count, entries } = await undo(everyone, targets[scope](id))
      for (const { assertSound } of tools) await assertSound?.(everyone)
      return {
        message: 'Undone' as const,
        undone: count,
        entries: entries.map((entry) => entry.id),
      }
    },
  })
}
