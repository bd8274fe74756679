import type { BoundRepositories } from '#kit/db'
import type { AnyModel } from '#kit/model'
import type { AuditedUnit, RowOf } from './activity.ts'

/** Some units, and of which models' rows the descriptions of each want to know more. */
export interface Wanting {
  readonly unit: AuditedUnit
  readonly models: readonly AnyModel[]
}

const idsInList = 100

/** Reads the rows that the units wrote, as they are now: a statement for each hundred rows of a model. */
export async function lookUp(all: BoundRepositories, wanting: readonly Wanting[]): Promise<RowOf> {
  const found = new Map<string, Readonly<Record<string, unknown>>>()
  for (const [model, ids] of idsByModel(wanting))
    for (let start = 0; start < ids.length; start += idsInList) {
      const where = { id: { in: ids.slice(start, start + idsInList) } }
      const { rows } = await all(model).list({ where, limit: idsInList } as object)
      for (const row of rows) found.set(keyOf(model.name, String(row['id'])), row)
    }
  return ({ model, rowId }) => found.get(keyOf(model, rowId))
}

function idsByModel(wanting: readonly Wanting[]): ReadonlyMap<AnyModel, unknown[]> {
  const models = new Set(wanting.flatMap((each) => each.models))
  return new Map([...models].map((model) => [model, idsOf(model, wanting)]))
}

function idsOf(model: AnyModel, wanting: readonly Wanting[]): unknown[] {
  const ids = wanting
    .filter(({ models }) => models.includes(model))
    .flatMap(({ unit }) => unit.writes)
    .filter((write) => write.model === model.name)
    .map(({ rowId }) => idOf(model, rowId))
  return [...new Set(ids)].filter((id) => id !== undefined)
}

function idOf(model: AnyModel, text: string): unknown {
  return model.fields['id']?.spec.use.kind.fromText(text)
}

function keyOf(model: string, rowId: string): string {
  return `${model} ${rowId}`
}
