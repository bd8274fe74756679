import type { Seed } from '#kit/tool'
import { type Category, categories } from './categories.ts'
import { NameTemplate } from './model.ts'

const ending = (word: string, names: readonly string[]) => names.map((name) => `${name} ${word}`)

/** The names that a new shop is suggested. */
export const templates: Readonly<Record<Category, readonly string[]>> = {
  syrups: ending('Syrup', [
    'Vanilla',
    'Sugar-Free Vanilla',
    'Vanilla Bean',
    'Caramel',
    'Hazelnut',
    'Cinnamon',
    'Lavender',
    'Simple',
  ]),
  sauces: ending('Sauce', ['Dark Chocolate', 'White Chocolate', 'Salted Caramel', 'Pistachio']),
  coffee_beans: ending('Beans', ['House Blend', 'Espresso', 'Light Roast', 'Dark Roast', 'Decaf']),
  powders: ending('Powder', ['Matcha', 'Chai', 'Cocoa', 'Malt']),
  cups: ['Small', 'Medium', 'Large'].flatMap((size) => [`${size} Hot Cup`, `${size} Cold Cup`]),
  lids: ['Small Hot Lid', 'Large Hot Lid', 'Flat Cold Lid', 'Dome Lid'],
  condiments: [
    ...ending('Sachets', ['White Sugar', 'Brown Sugar', 'Sweetener']),
    'Honey Sticks',
    'Ground Cinnamon',
  ],
  cleaning_supplies: [
    'Sanitiser Tablets',
    'Grinder Cleaner',
    'Milk Line Cleaner',
    'Glass Spray',
    'Dish Soap',
  ],
  other: ['Napkins', 'Paper Straws', 'Cup Sleeves', 'Bin Liners'],
}

export const seed: Seed = ({ fill }) =>
  fill(
    NameTemplate,
    categories.flatMap((category) => templates[category].map((name) => ({ name, category }))),
  )
