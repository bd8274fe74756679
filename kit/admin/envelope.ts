import { z } from 'zod'
import type { BoundRepositories } from '#kit/db'
import { pageOf, type Result } from '#kit/http'
import { type AnyModel, type Page, toRowSchema, toWire } from '#kit/model'
import { defineStats, readStats } from './stats.ts'

type AnyRow = Readonly<Record<string, unknown>>

interface EnvelopeCounts {
  readonly total: number
  readonly active: number
  readonly inactive: number
}

export interface Enveloped extends Page<AnyRow> {
  readonly counts: EnvelopeCounts
}

interface Shown {
  readonly items: readonly AnyRow[]
}

/** Answers a page as `{ items, total, active, inactive }`; the next one is in `Link` all the same. */
export function envelopeOf(model: AnyModel): Result<Enveloped> {
  const show = toWire(model)
  const page = pageOf(model)
  const count = z.int().min(0)
  return Object.freeze({
    schema: z.object({
      items: z.array(toRowSchema(model)),
      total: count.meta({ description: 'Of all rows, whatever the filters.' }),
      active: count,
      inactive: count,
    }),
    model,
    hasEntityTag: false,
    isPage: true,
    encode: ({ rows, counts }: Enveloped) => ({ items: rows.map(show), ...counts }),
    headers: (value: Enveloped, target: string) => page.headers?.(value as never, target) ?? {},
    ...(page.people
      ? {
          people: page.people.map(({ fields, rowsOf }) => ({
            fields,
            rowsOf: (shown: unknown) => rowsOf((shown as Shown).items),
          })),
        }
      : {}),
    ...(page.csv
      ? { csv: { ...page.csv, rowsOf: (shown: unknown) => (shown as Shown).items } }
      : {}),
  })
}

/** For a CSV, which shows no counts: there is a page for every hundred rows. */
export const noCounts: EnvelopeCounts = Object.freeze({ total: 0, active: 0, inactive: 0 })

/** How many rows there are, and how many of them are active: one statement. */
export async function countEnvelope(
  everyone: BoundRepositories,
  model: AnyModel,
): Promise<EnvelopeCounts> {
  const counted = await readStats(everyone, [envelopeStats(model)])
  return counted as unknown as EnvelopeCounts
}

function envelopeStats(model: AnyModel) {
  return defineStats(model, {
    total: {},
    active: { is_active: true },
    inactive: { is_active: false },
  })
}
