import { type AnyModel, type FileValue, fileFieldsOf, isSecret } from '#kit/model'
import { secretChanged } from '../audit/audit-draft.ts'
import type { AuditAction } from '../audit/audit-models.ts'
import { noteChange } from '../changes/note-change.ts'
import type { Awaitable, Binding, ColumnRow, Unit } from '../types.ts'
import type { BoundModel } from './bound-model.ts'
import { copyValue, isTracked } from './differences.ts'

/** What tells of a write: a repository, or a hand-written query. */
export type Recorder = Pick<BoundModel, 'binding'> & { readonly plan: { readonly model: AnyModel } }

type Row = Readonly<Record<string, unknown>>

export function recordCreation(recorder: Recorder, row: Row): Awaitable<void> {
  const { model } = recorder.plan
  const { executor } = recorder.binding
  noteChange(executor, model, { action: 'create', id: row['id'], before: undefined })
  if (!leavesEntry(model, row)) return
  return note(recorder, {
    action: 'create',
    id: row['id'],
    before: null,
    after: wholeImageOf(model, row),
  })
}

export function recordRemoval(recorder: Recorder, row: Row): Awaitable<void> {
  const { model } = recorder.plan
  if (recorder.binding.onDropped) tellDropped(recorder, row, {})
  noteChange(recorder.binding.executor, model, { action: 'remove', id: row['id'], before: row })
  if (!leavesEntry(model, row)) return
  const before = wholeImageOf(model, row)
  return note(recorder, { action: 'remove', id: row['id'], before, after: null })
}

export interface RecordedChange {
  readonly action: AuditAction
  /** The row as it was. */
  readonly before: Row
  /** The values that changed. */
  readonly changes: Row
}

/** Notes a change, unless it is of untracked fields alone. Those stand in no entry of a change. */
export function recordChange(
  recorder: Recorder,
  { action, before, changes }: RecordedChange,
): Awaitable<void> {
  const { model } = recorder.plan
  if (recorder.binding.onDropped) tellDropped(recorder, before, { ...before, ...changes })
  const names = Object.keys(changes).filter((name) => isTracked(model, name))
  if (names.length === 0) return
  noteChange(recorder.binding.executor, model, { action: 'change', id: before['id'], before })
  if (!leavesEntry(model, before) && !leavesEntry(model, { ...before, ...changes })) return
  return note(recorder, {
    action,
    id: before['id'],
    before: imageOf(model, before, names),
    after: imageOf(model, changes, names),
  })
}

/** Tells, once it is committed, of the files that the row held and holds no more. */
function tellDropped({ binding, plan }: Recorder, before: Row, after: Row): void {
  const { table } = plan.model
  for (const field of fileFieldsOf(plan.model)) {
    const value = before[field] as FileValue | null | undefined
    if (!value || (after[field] as FileValue | null | undefined)?.url === value.url) continue
    const dropped = { table, field, id: String(before['id']), value }
    unitOf(binding).afterCommit(() => binding.onDropped?.(dropped))
  }
}

/** Whether the trail tells of this row. */
function leavesEntry({ isAudited, auditedWhere }: AnyModel, row: Row): boolean {
  if (!auditedWhere) return isAudited
  return Object.entries(auditedWhere).every(([name, value]) => (row[name] ?? null) === value)
}

/** Models whose rows hold no secrets and nothing but plain values: a copy of such a row tells all of it. */
const plainModels = new WeakMap<AnyModel, boolean>()

function isPlain(model: AnyModel): boolean {
  const known = plainModels.get(model)
  if (known !== undefined) return known
  const names = Object.keys(model.fields)
  const plain = names.every((name) => !isSecret(model, name) && !isOwnKind(model, name))
  plainModels.set(model, plain)
  return plain
}

/** Whether its value cannot be taken as it is: it is structured, or follows from another. */
function isOwnKind(model: AnyModel, name: string): boolean {
  const spec = model.fields[name]?.spec
  return spec?.derived !== undefined || (spec?.use.kind.isStructured ?? false)
}

function wholeImageOf(model: AnyModel, row: Row): ColumnRow {
  return isPlain(model) ? { ...row } : imageOf(model, row, Object.keys(model.fields))
}

/** A copy that says nothing of secrets but that they are there. Nobody else can change it afterwards. */
function imageOf(model: AnyModel, row: Row, names: readonly string[]): ColumnRow {
  const image: ColumnRow = {}
  for (const name of names) {
    // It follows from another, and nothing else could be set back.
    if (model.fields[name]?.spec.derived) continue
    const value = row[name] ?? null
    image[name] = value !== null && isSecret(model, name) ? secretChanged : copyValue(value)
  }
  return image
}

interface Note {
  readonly action: AuditAction
  readonly id: unknown
  readonly before: ColumnRow | null
  readonly after: ColumnRow | null
}

function note(recorder: Recorder, { action, id, before, after }: Note): Awaitable<void> {
  const { binding, plan } = recorder
  return unitOf(binding).record({
    actorId: binding.actor.id,
    sessionId: binding.actor.sessionId,
    requestId: binding.requestId ?? null,
    atMs: binding.nowMs(),
    action,
    model: plan.model.name,
    rowId: String(id),
    before,
    after,
    undoes: binding.undoes ?? null,
  })
}

function unitOf({ executor }: Binding): Unit {
  if ('record' in executor) return executor as Unit
  throw new TypeError('What is audited is written in a unit of work: database.write(…).')
}
