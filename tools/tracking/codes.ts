import { randomInt } from 'node:crypto'
import { Problem, toInstant } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import { defineService, type Use } from '#kit/http'
import { CodeClaim } from './model.ts'
import { sample, toCode } from './rules.ts'

/** A whole number from 0 to below the limit, all of them alike probable. */
export type RandomBelow = (limit: number) => number

/** What codes are drawn with. */
export const randomBelow = defineService<RandomBelow>('tracking-random', () => randomInt)

/** What writing in the basement needs of a request. */
export interface Work {
  readonly db: BoundRepositories
  readonly actor: { readonly id: string }
  readonly nowMs: () => number
  readonly use: Use
}

const codeCount = 10_000
/** So many more are drawn than are needed that few draws have to be made again while the basement is half empty. */
const spare = 8

/** Whoever takes a code first takes away what is over. */
export async function dropExpired({ db, nowMs }: Work): Promise<void> {
  await db(CodeClaim).removeMany({ expires_at: { lte: toInstant(nowMs()) } })
}

/** Gives up the actor's reservations of these codes; answers those of the codes that are in use all the same. */
export async function takeGiven(
  { db, actor }: Work,
  codes: readonly string[],
): Promise<ReadonlySet<string>> {
  if (codes.length === 0) return new Set()
  await db(CodeClaim).removeMany({ code: { in: codes }, reserved_by: actor.id })
  return claimedOf(db, codes)
}

export interface Drawing {
  readonly count: number
  /** Codes that are about to be claimed. */
  readonly except?: readonly string[]
}

/** So many codes that nothing claims, each free one alike probable. Throws `conflict` where there are not as many. */
export async function drawCodes(
  { db, use }: Work,
  { count, except = [] }: Drawing,
): Promise<readonly string[]> {
  if (count === 0) return []
  const random = use(randomBelow)
  const drawn = sample(random, codeCount, Math.min(codeCount, count * 2 + spare)).map(toCode)
  const taken = new Set([...except, ...(await claimedOf(db, drawn))])
  const free = drawn.filter((code) => !taken.has(code))
  return free.length >= count ? free.slice(0, count) : drawOfRest(db, random, { count, except })
}

/** As `drawCodes`, where most codes are in use: from a list of those that are not. */
async function drawOfRest(
  db: BoundRepositories,
  random: RandomBelow,
  { count, except = [] }: Drawing,
): Promise<readonly string[]> {
  const taken = new Set([...except, ...(await claimedOf(db))])
  const free = Array.from({ length: codeCount }, (_, number) => toCode(number)).filter(
    (code) => !taken.has(code),
  )
  if (free.length < count) throw noneFree()
  return sample(random, free.length, count).map((at) => free[at] ?? '')
}

/** Those of the codes that are claimed, or all that are. */
async function claimedOf(
  db: BoundRepositories,
  codes?: readonly string[],
): Promise<ReadonlySet<string>> {
  const query = db.query(CodeClaim).selectFrom('code_claims').select('code')
  const rows = await (codes ? query.where('code', 'in', codes) : query).execute()
  return new Set(rows.map(({ code }) => code))
}

/** Refuses the lines whose code is in use, naming all of them. */
export function assertFree(
  lines: readonly { readonly code: string; readonly path: string }[],
  taken: ReadonlySet<string>,
): void {
  const errors = lines
    .filter(({ code }) => taken.has(code))
    .map(({ code, path }) => ({ path, code: 'taken', message: `Code ${code} is in use.` }))
  if (errors.length > 0) throw new Problem('conflict', errors[0]?.message, { errors })
}

function noneFree(): Problem {
  return new Problem('conflict', 'No code is free. Remove boxes that are gone, then try again.')
}
