import type { Fault } from '#kit/core'
import type { AnyModel } from '#kit/model'
import type { Snapshot } from './snapshot.ts'
import { findTable } from './snapshot.ts'

/** Something that has a new name. */
export interface Rename {
  readonly from: string
  readonly to: string
}

/** What models say they and their fields were called. Says nothing about when: see `resolveRenames`. */
export interface Renames {
  readonly tables: readonly Rename[]
  /** By the new name of the table. */
  readonly columns: Readonly<Record<string, readonly Rename[]>>
}

/** What the models' `.was()` say. The former table of a model is its former name, or that with an s. */
export function toRenames(models: readonly AnyModel[]): Renames {
  const tables = models.flatMap(({ was, table }) =>
    was === undefined ? [] : [`${was}s`, was].map((from) => ({ from, to: table })),
  )
  const columns = models.map((model) => [model.table, toFieldRenames(model)] as const)
  return { tables, columns: Object.fromEntries(columns) }
}

function toFieldRenames(model: AnyModel): Rename[] {
  return Object.entries(model.fields).flatMap(([to, { spec }]) =>
    spec.was === undefined ? [] : [{ from: spec.was, to }],
  )
}

/** The renames that are due between two snapshots, in an order that never takes a name in use. */
export interface DueRenames {
  readonly tables: readonly Rename[]
  readonly columns: readonly { readonly table: string; readonly renames: readonly Rename[] }[]
  readonly errors: readonly Fault[]
}

/**
 * A `.was()` stays in the model long after its migration, so it counts only where the old name is there before
 * and not after, and the new one is not there before.
 */
export function resolveRenames(before: Snapshot, after: Snapshot, renames: Renames): DueRenames {
  const tables = resolve(renames.tables, namesOf(before.tables), namesOf(after.tables))
  const errors = faultsOf(tables)
  const columns = after.tables.flatMap((table) => {
    const former = tables.find(({ to }) => to === table.name)?.from ?? table.name
    const old = findTable(before, former)
    const said = renames.columns[table.name] ?? []
    if (!old) return []
    const due = resolve(said, namesOf(old.columns), namesOf(table.columns))
    errors.push(...faultsOf(due, table.name))
    return due.length > 0 ? [{ table: table.name, renames: inOrder(due) }] : []
  })
  return { tables: inOrder(tables), columns, errors }
}

function namesOf(things: readonly { readonly name: string }[]): Set<string> {
  return new Set(things.map(({ name }) => name))
}

/** Starts with all that could be and takes away what cannot, since one rename may make room for another. */
function resolve(said: readonly Rename[], before: Set<string>, after: Set<string>): Rename[] {
  let due = said.filter(({ from, to }) => from !== to && before.has(from) && after.has(to))
  for (;;) {
    const current = due
    const isGone = (name: string) => !after.has(name) || current.some(({ to }) => to === name)
    const isFree = (name: string) => !before.has(name) || current.some(({ from }) => from === name)
    due = current.filter(({ from, to }) => isGone(from) && isFree(to))
    if (due.length === current.length) return due
  }
}

function faultsOf(due: readonly Rename[], table?: string): Fault[] {
  const pathOf = (name: string) => (table === undefined ? name : `${table}.${name}`)
  const twice = due.filter(
    (rename) => due.filter(({ from, to }) => from === rename.from || to === rename.to).length > 1,
  )
  const circle = inOrder(due).length < due.length && twice.length === 0
  if (circle) {
    const names = due.map(({ to }) => to).join(', ')
    const message = `${names} take one another's name: rename one to a third name first, in a migration of its own.`
    return [{ path: pathOf(due[0]?.to ?? ''), code: 'rename', message }]
  }
  return twice.map(({ from, to }) => ({
    path: pathOf(to),
    code: 'rename',
    message: `Is said to have been ${from}, and so is another, or it is said to have been two: leave one .was().`,
  }))
}

/** Those whose new name is free come first; a circle is left out. */
function inOrder(due: readonly Rename[]): Rename[] {
  const ordered: Rename[] = []
  let rest = [...due]
  for (;;) {
    const waiting = rest
    const next = waiting.filter(({ to }) => !waiting.some(({ from }) => from === to))
    if (next.length === 0) return ordered
    ordered.push(...next)
    rest = waiting.filter((rename) => !next.includes(rename))
  }
}
