import { z } from 'zod'
import { nameKey } from '#kit/core'
import { type BoundRepositories, holdsText } from '#kit/db'
import { defineRoute } from '#kit/http'
import { integerFromText, textSchema } from '#kit/model'
import { type Category, categories, labelOf } from './categories.ts'
import { categorySchema, NameTemplate, TrackingItem } from './model.ts'

const categoriesRoute = defineRoute({
  name: 'tracking.categories',
  summary: 'List the categories, and how many boxes are in each',
  access: 'staff',
  method: 'GET',
  path: '/api/tracking/categories',
  result: z.array(z.object({ key: z.enum(categories), label: z.string(), count: z.int() })),
  handle: async ({ db }) => {
    const rows = await db
      .query(TrackingItem)
      .selectFrom('tracking_items')
      .select(['category', ({ fn }) => fn.countAll<number>().as('count')])
      .where('is_removed', '=', false)
      .groupBy('category')
      .execute()
    const counts = new Map(rows.map(({ category, count }) => [category, Number(count)]))
    return categories.map((key) => ({ key, label: labelOf(key), count: counts.get(key) ?? 0 }))
  },
})

const fewest = 2
const most = 15
const usual = 8

const limit = z
  .string()
  .transform((text, context) => {
    const value = integerFromText(text)
    if (value !== undefined && value >= 1 && value <= most) return value
    context.addIssue({ code: 'custom', message: `Must be a whole number from 1 to ${most}.` })
    return z.NEVER
  })
  .optional()
  .meta({ type: 'integer', minimum: 1, maximum: most, description: `Default: ${usual}.` })

const suggestion = z
  .object({
    name: z.string(),
    source: z.enum(['existing', 'template']),
    code: z.string().nullable().meta({ description: 'Of the newest box of this name.' }),
    count: z.int().meta({ description: 'How many boxes of this name are present.' }),
  })
  .meta({ id: 'TrackingSuggestion' })

type Suggestion = z.output<typeof suggestion>

const searchRoute = defineRoute({
  name: 'tracking.item.search',
  summary: 'Suggest names',
  description:
    'Names of boxes that are present, most boxes first; then templates. From two letters on.',
  access: 'staff',
  method: 'GET',
  path: '/api/tracking/items/search',
  query: {
    q: textSchema({ max: 100 }).optional(),
    category: categorySchema,
    limit,
  },
  result: z.array(suggestion),
  handle: async ({ db, query }) => {
    const part = nameKey(query.q ?? '')
    if ([...part].length < fewest) return []
    const asked = { part, category: query.category, limit: query.limit ?? usual }
    const existing = await existingNames(db, asked)
    const listed = existing.map(({ name_key }) => name_key)
    const rest = { ...asked, limit: asked.limit - existing.length }
    const templates = rest.limit > 0 ? await templateNames(db, rest, listed) : []
    return [
      ...existing.map(
        ({ name, code, count }): Suggestion => ({
          name: name ?? '',
          source: 'existing',
          code,
          count: Number(count),
        }),
      ),
      ...templates.map(
        ({ name }): Suggestion => ({ name, source: 'template', code: null, count: 0 }),
      ),
    ]
  },
})

interface Asked {
  readonly part: string
  readonly category: Category
  readonly limit: number
}

/** Names of present boxes, each in its newest spelling with its code; an index holds all that is looked through. */
function existingNames(db: BoundRepositories, { part, category, limit: count }: Asked) {
  return db
    .query(TrackingItem)
    .with('found', (query) =>
      query
        .selectFrom('tracking_items')
        .select(['name_key', ({ fn }) => fn.countAll<number>().as('count')])
        .where('is_removed', '=', false)
        .where('category', '=', category)
        .where((eb) => holdsText(eb.ref('name_key'), part))
        .groupBy('name_key')
        .orderBy('count', 'desc')
        .orderBy('name_key')
        .limit(count),
    )
    .selectFrom('found')
    .select((eb) => {
      const newest = eb
        .selectFrom('tracking_items as t')
        .where('t.is_removed', '=', false)
        .where('t.category', '=', category)
        .whereRef('t.name_key', '=', 'found.name_key')
        .orderBy('t.added_at', 'desc')
        .orderBy('t.id', 'desc')
        .limit(1)
      return [
        'found.name_key',
        'found.count',
        newest.select('t.name').as('name'),
        newest.select('t.code').as('code'),
      ]
    })
    .orderBy('found.count', 'desc')
    .orderBy('found.name_key')
    .execute()
}

/** As above: what does not match is passed over in the index alone. */
function templateNames(
  db: BoundRepositories,
  { part, category, limit: count }: Asked,
  listed: readonly string[],
) {
  return db
    .query(NameTemplate)
    .with('found', (query) => {
      const matching = query
        .selectFrom('name_templates')
        .select('name_key')
        .where('category', '=', category)
        .where((eb) => holdsText(eb.ref('name_key'), part))
        .orderBy('name_key')
        .limit(count)
      return listed.length === 0 ? matching : matching.where('name_key', 'not in', listed)
    })
    .selectFrom('found')
    .innerJoin('name_templates as t', 't.name_key', 'found.name_key')
    .select('t.name')
    .where('t.category', '=', category)
    .orderBy('found.name_key')
    .execute()
}

export const searchRoutes = [categoriesRoute, searchRoute]
