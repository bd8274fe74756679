import type { Seed } from '#kit/tool'
import { MilkType } from './model.ts'
import type { Category } from './phases.ts'

/** What a new shop counts, and how much of it there should be. */
const milks: readonly (readonly [category: Category, name: string, par: number])[] = [
  ['dairy', 'Whole', 48],
  ['dairy', 'Reduced Fat 2%', 60],
  ['dairy', 'Skimmed', 18],
  ['dairy', 'Half and Half', 24],
  ['dairy', 'Whipping Cream', 10],
  ['non_dairy', 'Oat', 24],
  ['non_dairy', 'Almond', 12],
  ['non_dairy', 'Soy', 18],
  ['non_dairy', 'Coconut', 8],
]

export const seed: Seed = ({ fill }) =>
  fill(
    MilkType,
    milks.map(([category, name, par_value], at) => ({
      name,
      category,
      par_value,
      display_order: at + 1,
    })),
  )
