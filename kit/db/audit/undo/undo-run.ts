import type { AnyModel } from '#kit/model'
import type { Binding } from '../../types.ts'
import { cannotUndo } from './refuse.ts'
import type { UndoContext } from './undo-context.ts'
import { type EntryKind, kindOf, type UndoEntry } from './undo-entry.ts'

/** An entry that is to be undone, with the id of its row as the model has it. */
export interface Undoing {
  readonly entry: UndoEntry
  readonly id: string | number
}

/** Entries of one kind and model that stand one after the other, each of another row: undone together. */
export interface UndoRun {
  readonly kind: EntryKind
  readonly model: AnyModel
  readonly undoings: readonly Undoing[]
}

/** Throws `conflict` where a model is no more, or its rows have other ids. */
export function toRuns(context: UndoContext, entries: readonly UndoEntry[]): UndoRun[] {
  const runs: { kind: EntryKind; model: AnyModel; undoings: Undoing[]; ids: Set<unknown> }[] = []
  for (const entry of entries) {
    const model = modelOf(context, entry)
    const undoing = { entry, id: idOf(model, entry) }
    const kind = kindOf(entry)
    const last = runs.at(-1)
    if (last?.model === model && last.kind === kind && !last.ids.has(undoing.id)) {
      last.undoings.push(undoing)
      last.ids.add(undoing.id)
    } else runs.push({ kind, model, undoings: [undoing], ids: new Set([undoing.id]) })
  }
  return runs
}

/** What is written to undo this entry says so. */
export function bindingFor({ binding }: UndoContext, { id }: UndoEntry): Binding {
  return { ...binding, undoes: id }
}

function modelOf(context: UndoContext, entry: UndoEntry): AnyModel {
  const model = context.modelNamed(entry.model)
  if (!model) throw cannotUndo(entry, `there is no model "${entry.model}" any more.`)
  if (model.appendOnly) throw cannotUndo(entry, `rows of ${model.table} are only ever added.`)
  return model
}

function idOf(model: AnyModel, entry: UndoEntry): string | number {
  const id = model.fields['id']?.spec.use.kind.fromText(entry.rowId)
  if (typeof id === 'string' || typeof id === 'number') return id
  throw cannotUndo(entry, `a ${model.name} cannot have the id "${entry.rowId}" any more.`)
}
