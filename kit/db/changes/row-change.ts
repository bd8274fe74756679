import { type AnyModel, fieldsIn } from '#kit/model'
import type { Awaitable, ColumnRow } from '../types.ts'

/** What became of a row, or of rows of a model where nobody knows which. */
export interface RowChange {
  /** The model's name. */
  readonly model: string
  /** A soft removal and a restoration are changes. */
  readonly action: 'create' | 'change' | 'remove'
  /** Undefined: some rows, and what they were is not known. */
  readonly id: string | number | undefined
  /** Of the row as it was, the fields that decide who reads it; undefined where there was none. */
  readonly before: ColumnRow | undefined
}

/** What a unit of work has written, or a part of that where it is much. */
export interface Committed {
  /** The same in every process that hears of it. */
  readonly id: string
  readonly changes: readonly RowChange[]
}

/** Hears of what is committed by anybody, in the order of the commits. What it is told it must not take long over. */
export interface ChangeWatcher {
  readonly onCommitted: (committed: Committed) => void
  /** Something may have been committed that is not told: whoever keeps rows must read them anew. */
  readonly onGap: () => void
}

export interface Watching {
  readonly close: () => Promise<void>
}

/** Starts to watch: what is committed once this has resolved is told. Throws `unavailable` where that cannot be had. */
export type WatchChanges = (watcher: ChangeWatcher) => Awaitable<Watching>

const known = new WeakMap<AnyModel, readonly string[]>()

/** The fields by which it is decided who reads a row. */
export function sightFieldsOf(model: AnyModel): readonly string[] {
  const found = known.get(model)
  if (found) return found
  const { read } = model.access
  const names = new Set(typeof read === 'object' ? fieldsIn(read.rule) : [])
  if (read === 'owner' && model.owner !== undefined) names.add(model.owner)
  if (model.softDelete) names.add('is_active')
  known.set(model, [...names])
  return [...names]
}

/** Whether anybody could follow its rows: not those of the kit's own tables. */
export function isFollowed({ name }: AnyModel): boolean {
  return !name.startsWith('plinth_')
}
