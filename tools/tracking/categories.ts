/** Where a box of the basement belongs, in the order in which shelves stand. */
export const categories = [
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

export type Category = (typeof categories)[number]

/** `coffee_beans` → `Coffee Beans`. */
export function labelOf(category: Category): string {
  return category
    .split('_')
    .map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)
    .join(' ')
}
