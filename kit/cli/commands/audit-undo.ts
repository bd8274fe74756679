import { Problem } from '#kit/core'
import {
  type AuditUnit,
  type BoundRepositories,
  bindSystem,
  type Executor,
  type Undone,
  type UndoTarget,
  undo,
  unitsOfRequest,
} from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { anonymous } from '#kit/model'
import { defineCommand, type Io, type Tool, usageFault } from '#kit/tool'
import { toColumns } from '../help.ts'

/** An import may have a million entries. */
const limitMs = 60 * 60 * 1000

interface Selected {
  readonly entryId: string | undefined
  readonly unit: string | undefined
  readonly import: string | undefined
  readonly request: string | undefined
}

export const auditUndo = defineCommand({
  name: 'audit undo',
  summary: 'Undo a write, or all that a request or an import wrote',
  usage: '[entry-id]',
  options: {
    request: {
      type: 'string',
      value: 'REQUEST-ID',
      about: 'All that the request of this id wrote',
    },
    unit: {
      type: 'string',
      value: 'ENTRY-ID',
      about: 'All that was written together with this entry',
    },
    import: { type: 'string', value: 'ENTRY-ID', about: 'The same, of an import' },
    'dry-run': {
      type: 'boolean',
      about: 'Only say what would be undone, or what stands in the way',
    },
  },
  notes: [
    'All or nothing, in one transaction: where a row is no longer as the entry left it, nothing is undone, and the fault says which later entry stands in the way. What is undone is recorded, and can be undone in turn.',
    "A request id is the client's own choice: where several had the same one, they are listed; name one with --unit.",
    'It works on the same database while the server runs; an SQLite database takes no other writes meanwhile.',
  ],
  examples: [
    'plinth audit undo 0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b',
    'plinth audit undo --request 0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1c --dry-run',
    'plinth audit undo --import 0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1d',
  ],
  environment: ['DATABASE_URL'],
  run: async ({ args: [entryId], options, io, loadApp, withApp }) => {
    const { unit, request } = options
    const target = toTarget({ entryId, unit, import: options.import, request })
    const { tools } = await loadApp()
    return withApp(async (context) => {
      if ('requestId' in target) {
        const units = await unitsOfRequest(
          system(context, context.database.reader),
          target.requestId,
        )
        if (units.length > 1) return tellUnits(io, units)
      }
      const isKept = options['dry-run'] === undefined
      tell(io, await run(context, { target, tools, isKept }), isKept)
      return 0
    })
  },
})

function toTarget({ entryId, unit, import: imported, request }: Selected): UndoTarget {
  const targets: UndoTarget[] = []
  if (entryId !== undefined) targets.push({ entryId })
  if (unit !== undefined) targets.push({ unitOf: unit })
  if (imported !== undefined) targets.push({ unitOf: imported })
  if (request !== undefined) targets.push({ requestId: request })
  const [target, another] = targets
  if (!target || another)
    throw usageFault('Name one thing to undo: an entry id, --request, --unit or --import.')
  return target
}

interface Run {
  readonly target: UndoTarget
  readonly tools: readonly Tool[]
  readonly isKept: boolean
}

const notKept = new Problem('conflict', 'A dry run keeps nothing.')

/** A dry run does all of it, and then takes it back. */
async function run(context: ServiceContext, { target, tools, isKept }: Run): Promise<Undone> {
  let undone: Undone = { count: 0, entries: [] }
  const work = async (all: BoundRepositories) => {
    undone = await undo(all, target)
    for (const { assertSound } of tools) await assertSound?.(all)
    if (!isKept) throw notKept
  }
  try {
    await context.database.write('audit undo', (unit) => work(system(context, unit)), { limitMs })
  } catch (error) {
    if (error !== notKept) throw error
  }
  return undone
}

/** An operator on the machine stands above all policies. */
function system({ database, clock }: ServiceContext, executor: Executor): BoundRepositories {
  return bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })
}

function tell(io: Io, { count, entries }: Undone, isKept: boolean): void {
  const rows = entries.map(({ id, action, model, rowId }) => [id, action, `${model} ${rowId}`])
  for (const line of toColumns(rows)) io.out(line)
  if (count > entries.length) io.out(`… and ${count - entries.length} more`)
  const writes = count === 1 ? '1 write' : `${count} writes`
  io.out(isKept ? `Undone: ${writes}` : `Would undo ${writes}; nothing was changed`)
}

function tellUnits(io: Io, units: readonly AuditUnit[]): number {
  const rows = units.map(({ id, createdAt, operation, entries, actorId }) => [
    id,
    createdAt,
    operation,
    `${entries} writes`,
    actorId ?? 'nobody signed in',
  ])
  for (const line of toColumns(rows)) io.out(line)
  io.err('plinth: Several had this request id. Name one: plinth audit undo --unit <entry-id>')
  return 1
}
