import type { Kysely } from 'kysely'
import type { Query } from '#kit/db'
import type { AnyModel } from '#kit/model'
import type { JobRun } from './define-job.ts'

const atOnce = 200

/** Rows whose field holds less than this. */
export interface Old {
  readonly model: AnyModel
  /** One with an index. */
  readonly field: string
  readonly before: string
}

/** Removes rows for good, some in each unit of work. Answers how many there were. */
export async function removeOld(
  { system, write, signal }: Pick<JobRun, 'system' | 'write' | 'signal'>,
  { model, field, before }: Old,
): Promise<number> {
  let removed = 0
  while (!signal.aborted) {
    const rows = await on(system.query, model)
      .selectFrom(model.table)
      .select('id')
      .where(field, '<', before)
      .orderBy(field)
      .limit(atOnce)
      .execute()
    const ids = rows.map(({ id }) => id)
    if (ids.length === 0) break
    await write((all) =>
      on(all.query, model)
        .deleteFrom(model.table)
        .where('id', 'in', ids)
        .where(field, '<', before)
        .execute(),
    )
    removed += ids.length
  }
  return removed
}

/** For a model whose fields the types do not know. */
function on(query: Query, model: AnyModel) {
  return query(model) as unknown as Kysely<Record<string, Record<string, string>>>
}
