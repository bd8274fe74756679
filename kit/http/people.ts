import { type Awaitable, type BoundRepositories, bindSystem, type Executor } from '#kit/db'
import { type AnyModel, anonymous, namedFieldsOf } from '#kit/model'
import { defineService, type ServiceContext } from './service.ts'
import type { PeoplePart } from './types.ts'

/** Names people: by id, those that are known. Asked once for each answer. */
export type NamesOf = (
  all: BoundRepositories,
  ids: readonly string[],
) => Promise<ReadonlyMap<string, string>>

/** What people are called. The tool that knows who is who says it (`namesOf`); without one they have no names. */
export const peopleNames = defineService<NamesOf>('people-names', () => async () => new Map())

type AddNames = (shown: unknown, executor: Executor) => Awaitable<void>

type Shown = Record<string, unknown>

/** Adds to the rows of an answer what people are called: one statement, however many rows and fields there are. */
export function compileAddNames(parts: readonly PeoplePart[], context: ServiceContext): AddNames {
  const { database, clock } = context
  const nameless = new Map<string, string>()
  return async (shown, executor) => {
    const places = parts.flatMap((part) => placesIn(part, shown))
    const ids = [...new Set(places.map(idIn).filter((id) => id !== undefined))]
    const all = () => bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })
    const names = ids.length === 0 ? nameless : await context.use(peopleNames)(all(), ids)
    for (const place of places) place.row[place.name] = names.get(idIn(place) ?? '') ?? null
  }
}

/** Where somebody is to be named: in which row, beside which field, under which name. */
interface Place {
  readonly row: Shown
  readonly field: string
  readonly name: string
}

function placesIn({ fields, rowsOf }: PeoplePart, shown: unknown): Place[] {
  return rowsOf(shown).flatMap((row) => fields.map(([field, name]) => ({ row, field, name })))
}

function idIn({ row, field }: Place): string | undefined {
  const id = row[field]
  return typeof id === 'string' ? id : undefined
}

/** The part of an answer that is rows of this model; none where it names nobody. */
export function peopleIn(model: AnyModel, rowsOf: (shown: unknown) => unknown): PeoplePart[] {
  const fields = namedFieldsOf(model)
  return fields.length === 0 ? [] : [{ fields, rowsOf: rowsOf as PeoplePart['rowsOf'] }]
}

/** For a result: nothing where there is nobody to name, so that its answers cost no more. */
export function withPeople(parts: readonly PeoplePart[]): { readonly people?: typeof parts } {
  return parts.length === 0 ? {} : { people: parts }
}
