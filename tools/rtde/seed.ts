import type { Seed } from '#kit/tool'
import { RtdeItem } from './model.ts'

/** What a display holds to begin with, and how much of it. */
const catalogue: readonly (readonly [name: string, par: number])[] = [
  ['Still Water', 8],
  ['Sparkling Water Lemon', 6],
  ['Sparkling Water Berry', 6],
  ['Apple Juice', 6],
  ['Orange Juice', 4],
  ['Green Juice', 4],
  ['Mango Smoothie', 4],
  ['Ginger Shot', 4],
  ['Milk Carton Plain', 6],
  ['Milk Carton Chocolate', 6],
  ['Cola Low Sugar', 4],
  ['Iced Tea Peach', 6],
  ['Protein Shake Coffee', 4],
  ['Cold Brew Can', 6],
  ['Kombucha Ginger', 4],
  ['Yogurt Pot Honey', 4],
  ['Fruit Cup', 5],
  ['Cheese and Crackers', 5],
  ['Oat and Date Bar', 6],
  ['Hummus and Pitta', 4],
]

export const seed: Seed = ({ fill }) =>
  fill(
    RtdeItem,
    catalogue.map(([name, par_level], at) => ({ name, par_level, display_order: at + 1 })),
  )
