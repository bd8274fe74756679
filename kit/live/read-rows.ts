import { bindSystem, type RowChange } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { type AnyModel, anonymous } from '#kit/model'

type Row = Readonly<Record<string, unknown>>
/** By the model's name and the id. */
export type Rows = ReadonlyMap<string, Row>

export function keyOf({ model, id }: Pick<RowChange, 'model' | 'id'>): string {
  return `${model} ${id}`
}

const atOnce = 100

/** The rows that were written as they are now, whoever may read them: who is told is decided for each. */
export async function readWritten(
  { database, clock }: ServiceContext,
  models: Iterable<AnyModel>,
  changes: readonly RowChange[],
): Promise<Rows> {
  const binding = { executor: database.reader, actor: anonymous, nowMs: clock.nowMs }
  const all = bindSystem(database, binding)
  const rows = new Map<string, Row>()
  for (const model of models) {
    const ids = [...new Set(changes.flatMap((change) => idsOf(model, change)))]
    for (let start = 0; start < ids.length; start += atOnce) {
      const where = { id: { in: ids.slice(start, start + atOnce) } }
      const page = await all(model).list({ where: where as never, limit: atOnce })
      for (const row of page.rows as readonly Row[])
        rows.set(keyOf({ model: model.name, id: row['id'] as string }), row)
    }
  }
  return rows
}

function idsOf({ name }: AnyModel, { model, action, id }: RowChange): (string | number)[] {
  return model === name && id !== undefined && action !== 'remove' ? [id] : []
}
