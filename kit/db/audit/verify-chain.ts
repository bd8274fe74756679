import { type ChainHead, hashOf } from './audit-entry.ts'
import { type FaultList, faultOf } from './audit-fault.ts'
import type { ChainRow, StoredEntry, TrailReader } from './trail-reader.ts'

export interface ChainWork {
  readonly trail: TrailReader
  readonly faults: FaultList
  /** Called after every portion with the number of its entries. */
  readonly onEntries: (count: number) => void
}

const firstEntries = 100
const mostEntries = 2000
/** What a portion takes in memory, roughly: entries are counted so that they come to this. */
const portionCharacters = 2 * 1024 * 1024
/** An entry that was altered leaves open which hash the next one follows; so many are tried. */
const mostHashes = 16
const mostStrays = 1000

/** How far a chain was walked. */
interface Walk {
  readonly chain: ChainRow
  /** Of the last entry that was looked at, or of the checkpoint. */
  seq: number
  /** What the next entry may carry on from; several where the last one was at fault. */
  hashes: readonly string[]
}

/** Looks at all entries up to the head as it is now, and answers that head. */
export async function verifyChain(chain: ChainRow, work: ChainWork): Promise<ChainHead> {
  const walk: Walk = { chain, seq: chain.prunedSeq, hashes: [chain.prunedHash] }
  for (let limit = firstEntries; walk.seq < chain.seq; ) {
    const range = { chain: chain.id, after: walk.seq, upTo: chain.seq, limit }
    const entries = await work.trail.entries(range)
    if (entries.length === 0) break
    for (const entry of entries) await lookAt(walk, entry, work)
    work.onEntries(entries.length)
    limit = nextLimit(limit, entries)
    // SQLite answers at once: others are let in between.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await lookAtHead(walk, work)
  await lookForStrays(walk, work)
  return { id: chain.id, seq: chain.seq, hash: chain.hash }
}

function nextLimit(limit: number, entries: readonly StoredEntry[]): number {
  let characters = 1
  for (const { values } of entries)
    for (const value of values) characters += typeof value === 'string' ? value.length : 8
  const fitting = Math.floor((portionCharacters * entries.length) / characters)
  return Math.max(1, Math.min(fitting, limit * 4, mostEntries))
}

async function lookAt(walk: Walk, entry: StoredEntry, work: ChainWork): Promise<void> {
  if (entry.seq > walk.seq + 1) await noteMissing(walk, entry.seq - 1, work)
  // Pruned since it was read.
  if (entry.seq <= walk.seq) return
  const isBehindGap = entry.seq > walk.seq + 1
  const follows = walk.hashes.some((previous) => hashOf(previous, entry.values) === entry.hash)
  walk.seq = entry.seq
  if (isBehindGap || follows) {
    walk.hashes = [entry.hash]
    return
  }
  const place = { chain: walk.chain.id, seq: entry.seq, id: entry.id }
  work.faults.add(
    faultOf('altered', place, 'it is not what was written, or the one before it was written anew'),
  )
  const possible = [...walk.hashes.map((hash) => hashOf(hash, entry.values)), entry.hash]
  walk.hashes = [...walk.hashes, ...possible].slice(-mostHashes)
}

/** Notes that the entries up to `last` are gone, but for those that were pruned in the meantime. */
async function noteMissing(walk: Walk, last: number, { trail, faults }: ChainWork): Promise<void> {
  const now = await trail.chain(walk.chain.id)
  if (now && now.prunedSeq > walk.seq) {
    walk.seq = now.prunedSeq
    walk.hashes = [now.prunedHash]
  }
  const first = walk.seq + 1
  if (first > last) return
  const why = first === last ? 'it is gone' : `this and all up to seq ${last} are gone`
  faults.add(faultOf('missing', { chain: walk.chain.id, seq: first }, why))
}

async function lookAtHead(walk: Walk, work: ChainWork): Promise<void> {
  const { chain } = walk
  if (walk.seq < chain.seq) {
    await noteMissing(walk, chain.seq, work)
    return
  }
  const isRight = walk.seq === chain.seq && walk.hashes.includes(chain.hash)
  if (!isRight)
    work.faults.add(
      faultOf('head', { chain: chain.id, seq: chain.seq }, 'it is not that of its entries'),
    )
}

async function lookForStrays({ chain }: Walk, { trail, faults }: ChainWork): Promise<void> {
  const places = { behind: 'behind the head', before: 'before the checkpoint' } as const
  for (const side of ['behind', 'before'] as const)
    for (const entry of await trail.stray(side, chain.id, mostStrays))
      faults.add(faultOf('inserted', entry, `it stands ${places[side]} of its chain`))
}
