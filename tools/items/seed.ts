import type { Seed } from '#kit/tool'
import { Item } from './model.ts'

const names = ['Espresso machine', 'Coffee grinder', 'Milk jug', 'Tamper', 'Water filter']

/** A catalogue to look at, of the house's own things. */
export const seed: Seed = async ({ ensure }) => {
  for (const name of names) await ensure(Item, { name, user_id: null }, { name })
}
