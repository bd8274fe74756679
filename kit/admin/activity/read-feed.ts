import { z } from 'zod'
import type { BoundRepositories } from '#kit/db'
import { instantSchema, uuidSchema } from '#kit/model'
import type { NamesOf, RowOf } from './activity.ts'
import type { ActivityBook } from './activity-book.ts'
import { toCursor } from './feed-cursor.ts'
import { lookUp } from './look-up.ts'
import type { Place, UnitFilter } from './read-heads.ts'
import { readUnits, type StoredUnit } from './read-units.ts'
import type { Told } from './told.ts'

export const activityEvent = z
  .object({
    id: uuidSchema,
    type: z.string(),
    tool: z.string(),
    title: z.string(),
    description: z.string(),
    user_id: z.string().nullable().meta({ description: 'Null: the system itself.' }),
    user_name: z.string().nullable(),
    timestamp: instantSchema,
  })
  .meta({ id: 'ActivityEvent' })

export type ActivityEvent = z.output<typeof activityEvent>

export interface FeedPage {
  readonly events: ActivityEvent[]
  /** The cursor of the page after this one; undefined on the last. */
  readonly next: string | undefined
}

export interface FeedRequest {
  readonly book: ActivityBook
  readonly namesOf: NamesOf
  readonly filter: UnitFilter
  /** Decides on what is told, where the filter alone cannot. */
  readonly accepts: (told: Told) => boolean
  readonly after: Place | undefined
  readonly limit: number
}

type Named = Omit<ActivityEvent, 'user_name'>

/** How often more is read where what was read is not for this feed. A page may then be shorter than asked for. */
const mostRounds = 5

/** One page of a feed: an event for each unit of work, newest first. */
export async function readFeed(all: BoundRepositories, request: FeedRequest): Promise<FeedPage> {
  const { limit, filter } = request
  const events: Named[] = []
  let place = request.after
  let isMore = true
  for (let round = 0; isMore && events.length < limit && round < mostRounds; round += 1) {
    const wanted = limit - events.length
    const units = await readUnits(all, filter, { after: place, limit: wanted + 1 })
    isMore = units.length > wanted
    const taken = units.slice(0, wanted)
    const { book } = request
    const rowOf = await lookUp(
      all,
      taken.map((unit) => ({ unit, models: book.looksUp(unit) })),
    )
    events.push(...taken.flatMap((unit) => toEvents(unit, request, rowOf)))
    const last = taken.at(-1)
    if (last) place = { at: last.at, id: last.id }
  }
  return {
    events: await withNames(all, request.namesOf, events),
    next: isMore && place ? toCursor(place) : undefined,
  }
}

function toEvents(unit: StoredUnit, { book, accepts }: FeedRequest, rowOf: RowOf): Named[] {
  const told = book.tell(unit, rowOf)
  if (!accepts(told)) return []
  const { type, tool, title, description } = told
  const { id, actorId: user_id, at: timestamp } = unit
  return [{ id, type, tool, title, description, user_id, timestamp }]
}

async function withNames(
  all: BoundRepositories,
  namesOf: NamesOf,
  events: readonly Named[],
): Promise<ActivityEvent[]> {
  const ids = [...new Set(events.map(({ user_id }) => user_id).filter((id) => id !== null))]
  const names = ids.length === 0 ? new Map<string, string>() : await namesOf(all, ids)
  return events.map(({ user_id, timestamp, ...rest }) => ({
    ...rest,
    user_id,
    user_name: user_id === null ? null : (names.get(user_id) ?? null),
    timestamp,
  }))
}
