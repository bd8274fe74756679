import type { Fault } from '#kit/core'
import { type ImportRow, placeIn } from '#kit/csv'
import { type AnyModel, type Index, type Repositories, type Repository, sourceOf } from '#kit/model'

/** Looked up at once: as many as one page of a list can answer. */
const chunkSize = 100

type Values = Readonly<Record<string, unknown>>

interface Clashing {
  readonly repositories: Repositories
  readonly model: AnyModel
  readonly rows: readonly ImportRow[]
}

/**
 * What the database would refuse of these rows: values of a unique index that stand in the file twice or in another row,
 * and references to rows that are not there. Only looks: what is written meanwhile, the database refuses itself.
 */
export async function findClashes(clashing: Clashing): Promise<Fault[]> {
  const { model } = clashing
  const faults: Fault[] = []
  for (const index of model.indexes.filter(({ unique }) => unique))
    faults.push(...(await takenOf(clashing, index)))
  for (const [name, { spec }] of Object.entries(model.fields)) {
    const target = spec.use.references?.model()
    if (target) faults.push(...(await danglingOf(clashing, name, target)))
  }
  return faults
}

async function takenOf(
  { repositories, model, rows }: Clashing,
  index: Index,
): Promise<readonly Fault[]> {
  const firstLines = new Map<string, number>()
  const faults: Fault[] = []
  const toFault = (line: number, message: string): Fault => ({
    path: placeIn(line, index.fields.map((name) => sourceOf(model, name)).join('+')),
    code: 'taken',
    message,
  })
  const asked: ImportRow[] = []
  for (const row of rows) {
    const key = keyOf(model, index, row.input)
    if (key === undefined) continue
    const first = firstLines.get(key)
    if (first !== undefined) faults.push(toFault(row.line, `Stands in line ${first} already.`))
    else asked.push(row)
    firstLines.set(key, first ?? row.line)
  }
  const repository = repositories(model) as unknown as Repository<AnyModel>
  const there = await keysThere({ repository, model, index }, asked)
  const taken = asked.filter(({ input }) => there.has(keyOf(model, index, input) ?? ''))
  return [...faults, ...taken.map(({ line }) => toFault(line, 'Is taken.'))]
}

interface Lookup {
  readonly repository: Repository<AnyModel>
  readonly model: AnyModel
  readonly index: Index
}

/** The keys of those rows that other rows have. */
async function keysThere(
  { repository, model, index }: Lookup,
  rows: readonly ImportRow[],
): Promise<ReadonlySet<string>> {
  const [field = '', ...others] = index.fields
  const found = new Set<string>()
  const keep = (row: Values | undefined) => {
    const key = row && keyOf(model, index, row)
    if (key !== undefined) found.add(key)
  }
  if (others.length > 0) {
    for (const { input } of rows) {
      const values = index.fields.map((name) => [name, valueIn(model, input, name)])
      keep(await repository.find({ ...index.where, ...Object.fromEntries(values) }))
    }
    return found
  }
  for (const chunk of chunks(rows.map(({ input }) => valueIn(model, input, field)))) {
    const where = { ...index.where, [field]: { in: chunk } }
    const { rows: there } = await repository.list({ where: where as never, limit: chunkSize })
    for (const row of there) keep(row as Values)
  }
  return found
}

/** What is unique of a row; undefined where the index does not hold it. */
function keyOf(model: AnyModel, { fields, where, ignoreCase }: Index, row: Values) {
  const isHeld = Object.entries(where ?? {}).every(
    ([name, wanted]) => valueIn(model, row, name) === wanted,
  )
  const values = fields.map((name) => valueIn(model, row, name))
  if (!isHeld || values.some((value) => value === null || value === undefined)) return undefined
  const key = JSON.stringify(values)
  return ignoreCase ? key.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : key
}

function valueIn(model: AnyModel, row: Values, name: string): unknown {
  const { derived } = model.fields[name]?.spec ?? {}
  const source = derived && row[derived.from]
  if (derived && typeof source === 'string') return derived.of(source)
  const given = row[name]
  return given === undefined ? model.fields[name]?.spec.defaultValue : given
}

async function danglingOf(
  { repositories, rows }: Clashing,
  name: string,
  target: AnyModel,
): Promise<readonly Fault[]> {
  const named = new Set(rows.map(({ input }) => input[name]))
  named.delete(undefined)
  named.delete(null)
  const repository = repositories(target) as unknown as Repository<AnyModel>
  for (const chunk of chunks([...named])) {
    const where = { id: { in: chunk } } as never
    for (const row of (await repository.list({ where, limit: chunkSize })).rows)
      named.delete((row as Values)['id'])
  }
  return rows
    .filter(({ input }) => named.has(input[name]))
    .map(({ line }) => ({
      path: placeIn(line, name),
      code: 'reference',
      message: `There is no such ${target.name}.`,
    }))
}

function* chunks<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += chunkSize)
    yield all.slice(start, start + chunkSize)
}
