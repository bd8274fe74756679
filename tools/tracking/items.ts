import { Problem, toInstant } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import type { Category } from './categories.ts'
import { assertFree, drawCodes, dropExpired, takeGiven, type Work } from './codes.ts'
import { type Action, CodeClaim, TrackingHistory, TrackingItem } from './model.ts'
import type { Item } from './rules.ts'

/** A box that is to be added. */
export interface NewItem {
  readonly name: string
  readonly category: Category
  /** Without one it is drawn. */
  readonly code: string | undefined
  /** Where the code stands in the request. */
  readonly path: string
}

interface Coded extends NewItem {
  readonly code: string
}

/** Stores new boxes, each under a code that is free or the actor's: all of them, or none. */
export async function addItems(work: Work, wanted: readonly NewItem[]): Promise<Item[]> {
  const { db, actor, nowMs } = work
  await dropExpired(work)
  const given = wanted.filter(hasCode)
  const codes = given.map(({ code }) => code)
  assertFree(given, await takeGiven(work, codes))
  const drawn = await drawCodes(work, { count: wanted.length - given.length, except: codes })
  const rest = drawn.values()
  const added_at = toInstant(nowMs())
  const items = await db(TrackingItem).createMany(
    wanted.map(({ name, category, code }) => ({
      name,
      category,
      code: code ?? rest.next().value ?? '',
      added_by: actor.id,
      added_at,
    })),
  )
  await noteHistory(work, { action: 'ADD', items })
  await claimFor(db, items)
  return items
}

function hasCode(item: NewItem): item is Coded {
  return item.code !== undefined
}

/** Claims the codes of boxes that are present now. */
export async function claimFor(db: BoundRepositories, items: readonly Item[]): Promise<void> {
  await db(CodeClaim).createMany(items.map(({ id, code }) => ({ code, item_id: id })))
}

/** The codes of these boxes are free at once. */
export async function releaseFrom(db: BoundRepositories, items: readonly Item[]): Promise<void> {
  await db(CodeClaim).removeMany({ item_id: { in: items.map(({ id }) => id) } })
}

interface Done {
  readonly action: Action
  readonly items: readonly Item[]
  readonly notes?: string
}

/** Writes down what was done to these boxes, as they are now. */
export async function noteHistory({ db, actor, nowMs }: Work, done: Done): Promise<void> {
  const { action, items, notes = null } = done
  const timestamp = toInstant(nowMs())
  await db(TrackingHistory).createMany(
    items.map(({ id, name, code, category }) => ({
      action,
      item_id: id,
      item_name: name,
      item_code: code,
      category,
      user_id: actor.id,
      timestamp,
      notes,
    })),
  )
}

const isCode = /^[0-9]{4}$/

/**
 * The box with this id; under a code the one that is present, else the one that was last removed. Throws `not_found`.
 */
export async function itemAt(db: BoundRepositories, ref: string): Promise<Item> {
  const items = db(TrackingItem)
  if (!isCode.test(ref)) return items.get(ref)
  const present = await items.find({ code: ref, is_removed: false })
  if (present) return present
  const where = { code: ref, is_removed: true }
  const { rows } = await items.list({ where, sort: '-removed_at', limit: 1 })
  const [last] = rows
  if (last) return last
  throw new Problem('not_found', `No item has the code ${ref}, and none ever had.`)
}
