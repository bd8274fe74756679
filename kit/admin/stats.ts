import type { Kysely } from 'kysely'
import { z } from 'zod'
import { callerOf, type Source } from '#kit/core'
import type { BoundRepositories, ColumnRow } from '#kit/db'
import type { AnyModel, RowCondition } from '#kit/model'

/** Counts of a model's rows, as data: for each name the condition that the rows meet. */
export interface Stats {
  readonly model: AnyModel
  readonly counts: Readonly<Record<string, RowCondition>>
  /** The member of the answer that holds them; undefined where they stand in it directly. */
  readonly under: string | undefined
  readonly source: Source
}

/**
 * Declares what a tool adds to `GET /api/admin/stats`: `defineStats(User, { total: {}, active: { is_active: true } },
 * 'users')` answers `{ "users": { "total": 3, "active": 2 } }`. An empty condition counts all rows.
 */
export function defineStats(
  model: AnyModel,
  counts: Readonly<Record<string, RowCondition>>,
  under?: string,
): Stats {
  return Object.freeze({
    model,
    counts: Object.freeze({ ...counts }),
    under,
    source: callerOf(defineStats),
  })
}

/** The counts by name, or by member and name. */
export type StatsAnswer = Readonly<Record<string, number | Readonly<Record<string, number>>>>

export function statsSchema(all: readonly Stats[]): z.ZodType<StatsAnswer> {
  const count = z.int().min(0)
  const shape: Record<string, z.ZodType> = {}
  for (const { counts, under } of all) {
    const own = Object.fromEntries(Object.keys(counts).map((name) => [name, count]))
    Object.assign(shape, under === undefined ? own : { [under]: z.object(own) })
  }
  return z.object(shape).meta({ id: 'AdminStats' }) as unknown as z.ZodType<StatsAnswer>
}

/** All counts, of one moment: each model's are an aggregate of their own, all of them one statement. */
export async function readStats(
  everyone: BoundRepositories,
  all: readonly Stats[],
): Promise<StatsAnswer> {
  if (all.length === 0) return {}
  const query = everyone.query(...all.map(({ model }) => model)) as unknown as AnyKysely
  const [row = {}] = await query
    .selectFrom(all.map((stats, at) => aggregateOf(query, stats, at).as(`s${at}`)))
    .selectAll()
    .execute()
  const answer: Record<string, number | Record<string, number>> = {}
  for (const [at, { counts, under }] of all.entries()) {
    const names = Object.keys(counts)
    const own = Object.fromEntries(names.map((name) => [name, Number(row[`${name}_${at}`])]))
    Object.assign(answer, under === undefined ? own : { [under]: own })
  }
  return answer
}

type AnyKysely = Kysely<Record<string, ColumnRow>>

function aggregateOf(query: AnyKysely, { model, counts }: Stats, at: number) {
  return query.selectFrom(model.table).select(({ fn, eb }) =>
    Object.entries(counts).map(([name, condition]) => {
      const conditions = Object.entries(condition)
      const count = fn.countAll()
      const counted =
        conditions.length === 0
          ? count
          : count.filterWhere(
              eb.and(
                conditions.map(([field, value]) =>
                  value === null ? eb(field, 'is', null) : eb(field, '=', value),
                ),
              ),
            )
      return counted.as(`${name}_${at}`)
    }),
  )
}
