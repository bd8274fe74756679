import { z } from 'zod'
import { type Fault, Problem } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import { defineRoute, objectOf } from '#kit/http'
import { bulkAddBody, bulkRemoveBody, mostLines } from './bodies.ts'
import { addItems, type NewItem, noteHistory, releaseFrom } from './items.ts'
import { TrackingItem } from './model.ts'
import { type Item, removal } from './rules.ts'

const addRoute = defineRoute({
  name: 'tracking.item.bulk_create',
  summary: 'Add several boxes',
  description: 'All or nothing. A line is one box under its code, or a quantity of boxes.',
  access: 'staff',
  method: 'POST',
  path: '/api/tracking/items/bulk',
  body: bulkAddBody,
  status: 201,
  result: objectOf({ added: z.int(), items: [TrackingItem] }),
  problems: ['conflict'],
  handle: async (request) => {
    const items = await addItems(request, request.body.items.flatMap(toNewItems))
    return { added: items.length, items }
  },
})

type Line = z.output<typeof bulkAddBody>['items'][number]

function toNewItems({ name, category, code, quantity = 1 }: Line, at: number): NewItem[] {
  const path = `items.${at}.code`
  return Array.from({ length: quantity }, () => ({ name, category, code, path }))
}

const removeRoute = defineRoute({
  name: 'tracking.item.bulk_remove',
  summary: 'Take several boxes out',
  description: 'All or nothing.',
  access: 'staff',
  method: 'POST',
  path: '/api/tracking/items/bulk-remove',
  body: bulkRemoveBody,
  result: objectOf({ message: z.string(), removed: z.int(), items: [TrackingItem] }),
  problems: ['conflict'],
  handle: async (request) => {
    const { db, body, actor, nowMs } = request
    const present = await presentAt(db, body.codes)
    const ids = present.map(({ id }) => id)
    const doing = { actorId: actor.id, nowMs: nowMs() }
    await db(TrackingItem).changeMany({ id: { in: ids } }, removal(doing))
    const items = await itemsOf(db, ids)
    // Not before the boxes are changed: a row that refers to a box holds it, too, and two would wait for each other.
    await noteHistory(request, { action: 'REMOVE', items })
    await releaseFrom(db, items)
    const removed = items.length
    const message = removed === 1 ? '1 item removed' : `${removed} items removed`
    return { message, removed, items }
  },
})

async function itemsOf(db: BoundRepositories, ids: readonly string[]): Promise<Item[]> {
  const { rows } = await db(TrackingItem).list({ where: { id: { in: ids } }, limit: mostLines })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => byId.get(id)).filter((item) => item !== undefined)
}

/** The boxes under these codes, in their order. Throws `conflict` with all lines under which none is. */
async function presentAt(db: BoundRepositories, codes: readonly string[]): Promise<Item[]> {
  const where = { code: { in: codes }, is_removed: false }
  const { rows } = await db(TrackingItem).list({ where, limit: mostLines })
  const byCode = new Map(rows.map((row) => [row.code, row]))
  const items = codes.map((code) => byCode.get(code))
  const missing = codes.filter((code) => !byCode.has(code))
  if (missing.length > 0) throw await notPresent(db, { codes, missing })
  return items.filter((item) => item !== undefined)
}

interface Missing {
  readonly codes: readonly string[]
  readonly missing: readonly string[]
}

async function notPresent(db: BoundRepositories, { codes, missing }: Missing): Promise<Problem> {
  const known = await db
    .query(TrackingItem)
    .selectFrom('tracking_items')
    .select('code')
    .distinct()
    .where('code', 'in', missing)
    .execute()
  const removed = new Set(known.map(({ code }) => code))
  const errors = missing.map((code): Fault => {
    const path = `codes.${codes.indexOf(code)}`
    return removed.has(code)
      ? { path, code: 'already_removed', message: `Item ${code} is already removed.` }
      : { path, code: 'not_found', message: `No item has the code ${code}.` }
  })
  return new Problem('conflict', errors.map(({ message }) => message).join(' '), { errors })
}

export const bulkRoutes = [addRoute, removeRoute]
