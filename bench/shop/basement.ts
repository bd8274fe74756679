import type { Database } from 'bun:sqlite'
import { nameKey } from '#kit/core'
import type { Bench } from '../contest.ts'
import { makeShop, type Shop } from './make-shop.ts'

/** All that there ever were. Codes have four digits: a tenth of them, as many as can be, is present. */
export const boxCount = 100_000
export const templateCount = 10_000
const presentCount = 10_000

export const shelves = [
  'syrups',
  'sauces',
  'coffee_beans',
  'powders',
  'cups',
  'lids',
  'condiments',
  'cleaning_supplies',
  'other',
] as const

export const flavours = [
  ...['Vanilla', 'Caramel', 'Hazelnut', 'Cinnamon', 'Lavender', 'Pistachio', 'Chocolate', 'Matcha'],
  ...['Cocoa', 'Almond', 'Coconut', 'Peppermint', 'Raspberry', 'Strawberry', 'Peach', 'Ginger'],
] as const

const styles = ['Sugar-Free', 'Dark', 'White', 'Salted', 'Organic', 'Toasted', 'Spiced', 'Classic']

/** A basement full of boxes, their names in all nine categories alike. */
export const makeBasement = (bench: Bench): Promise<Shop> =>
  makeShop(bench, (database, [keeper = '']) => {
    seedBoxes(database, keeper)
    seedTemplates(database)
    return {}
  })

function seedBoxes(database: Database, keeper: string): void {
  const insert = database.prepare(
    `INSERT INTO tracking_items (id, name, name_key, category, code, added_by, added_at, is_removed, removed_at, removed_by, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const firstMs = Date.now() - boxCount * 60_000
  for (let index = 0; index < boxCount; index++) {
    const isRemoved = index < boxCount - presentCount
    const at = new Date(firstMs + index * 60_000).toISOString()
    const name = nameAt(index)
    const code = String(index % presentCount).padStart(4, '0')
    const removed = isRemoved ? [1, at, keeper] : [0, null, null]
    const values = [name, nameKey(name), shelfAt(index), code, keeper, at, ...removed, at, at]
    insert.run(Bun.randomUUIDv7(), ...values)
  }
}

function seedTemplates(database: Database): void {
  // Whatever the tool comes with: the bench has its own.
  database.run('DELETE FROM name_templates')
  const insert = database.prepare(
    `INSERT INTO name_templates (id, name, name_key, category, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const now = new Date().toISOString()
  for (let index = 0; index < templateCount; index++) {
    const name = `${nameAt(index)} No. ${index}`
    insert.run(Bun.randomUUIDv7(), name, nameKey(name), shelfAt(index), now, now)
  }
}

function shelfAt(index: number): string {
  return shelves[index % shelves.length] ?? ''
}

/** Of the boxes of one shelf that are present, two or three have the same name. */
function nameAt(index: number): string {
  const turn = Math.floor(index / shelves.length)
  const flavour = flavours[turn % flavours.length]
  const style = styles[Math.floor(turn / flavours.length) % styles.length]
  return `${style} ${flavour} ${Math.floor(turn / 128) % 4}`
}
