import fc from 'fast-check'
import type { BoundRepositories } from '#kit/db'
import type { Repository } from '#kit/model'
import { idOf, knownIds, models, type Note } from './isolation-worlds.ts'

const byTable = Object.fromEntries(models.map((model) => [model.table, model]))
const model = fc.constantFrom(...Object.keys(byTable))
const id = fc.constantFrom(...knownIds, idOf(999))
const label = fc.constantFrom('new', 'ada note 1', 'bob note 1', 'eve tag 2', 'e')
const rank = fc.integer({ min: 0, max: 9 })
const limit = fc.integer({ min: 1, max: 9 })
const where = fc.record(
  { label, rank, id: fc.record({ in: fc.array(id, { minLength: 1, maxLength: 4 }) }) },
  { requiredKeys: [] },
)
const options = fc.record(
  {
    where,
    search: label,
    sort: fc.constantFrom('rank', '-rank', 'label', '-created_at', 'id'),
    limit,
    count: fc.boolean(),
  },
  { requiredKeys: [] },
)

/** A call of a repository, as data; ids and values from everybody's rows. */
export const anyCommand = fc.oneof(
  fc.record({ verb: fc.constant('list'), model, options }),
  fc.record({ verb: fc.constant('walk'), model, limit }),
  fc.record({ verb: fc.constantFrom('find', 'get'), model, key: fc.oneof(id, where) }),
  fc.record({ verb: fc.constant('count'), model, where }),
  fc.record({ verb: fc.constant('create'), model, row: fc.record({ label, rank }) }),
  fc.record({
    verb: fc.constant('create'),
    model: fc.constant('tags'),
    row: fc.record({ label, rank, note_id: id }),
  }),
  fc.record({ verb: fc.constant('change'), model, id, patch: fc.record({ label, rank }) }),
  fc.record({
    verb: fc.constant('change'),
    model: fc.constant('tags'),
    id,
    patch: fc.record({ note_id: id }),
  }),
  fc.record({
    verb: fc.constant('changeMany'),
    model,
    where,
    patch: fc.record({ label, rank }, { requiredKeys: [] }),
  }),
  fc.record({ verb: fc.constant('removeMany'), model, where }),
  fc.record({ verb: fc.constant('remove'), model, id }),
  fc.record({ verb: fc.constant('restore'), model: fc.constant('posts'), id }),
)

export type Command = typeof anyCommand extends fc.Arbitrary<infer C> ? C : never

/** What these models' repositories have in common. */
type AnyRepository = Repository<typeof Note>
type Verb = (repository: AnyRepository, command: never) => Promise<unknown>
type Given<K extends string, V> = { readonly [P in K]: V }

const verbs: Readonly<Record<string, Verb>> = {
  list: (rows, { options: given }: Given<'options', object>) => rows.list(given),
  walk: async (rows, { limit: size }: Given<'limit', number>) => {
    const pages = []
    let cursor: string | undefined
    do {
      const page = await rows.list({ limit: size, cursor, sort: 'label' })
      pages.push(page.rows)
      cursor = page.next
    } while (cursor !== undefined)
    return pages
  },
  find: (rows, { key }: Given<'key', string>) => rows.find(key),
  get: (rows, { key }: Given<'key', string>) => rows.get(key),
  count: (rows, { where: given }: Given<'where', object>) => rows.count(given),
  create: (rows, { row }: Given<'row', { label: string; rank: number }>) => rows.create(row),
  change: (rows, { id: key, patch }: Given<'id', string> & Given<'patch', object>) =>
    rows.change(key, patch),
  changeMany: (rows, { where: given, patch }: Given<'where', object> & Given<'patch', object>) =>
    rows.changeMany(given, patch),
  removeMany: (rows, { where: given }: Given<'where', object>) => rows.removeMany(given),
  remove: (rows, { id: key }: Given<'id', string>) => rows.remove(key),
  restore: (rows, { id: key }: Given<'id', string>) => rows.restore(key),
}

export function perform(db: BoundRepositories, command: Command): Promise<unknown> {
  const verb = verbs[command.verb]
  if (!verb) throw new TypeError(`No verb ${command.verb}.`)
  return verb(db(byTable[command.model] as typeof Note), command as never)
}
