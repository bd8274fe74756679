import type { Database } from '../types.ts'
import type { ChainHead } from './audit-entry.ts'
import { createFaultList, type FaultList, faultOf } from './audit-fault.ts'
import { createTrailReader, type TrailReader } from './trail-reader.ts'
import { verifyChain } from './verify-chain.ts'

export interface AuditReport {
  /** How many entries were looked at. */
  readonly entries: number
  /** Where each chain stands. Kept elsewhere, they prove later that nothing before them was written anew. */
  readonly heads: readonly ChainHead[]
  /** The first thousand. */
  readonly faults: FaultList['listed']
  /** How many there are in all. */
  readonly faultCount: number
}

export interface AuditProgress {
  readonly entries: number
  /** How many there were when it began. */
  readonly total: number
}

const chainsAtOnce = 100
/** Strays of one kind that are named; more than these are not looked for. */
const mostStrays = 1000

/**
 * Reads the whole audit trail, entry by entry, while others go on writing, and names each entry that was altered, taken
 * out or put in, and each chain whose head is wrong. What is in memory stays the same however many there are.
 */
export async function verifyAudit(
  database: Pick<Database, 'dialect' | 'reader'>,
  onProgress: (progress: AuditProgress) => void = () => {},
): Promise<AuditReport> {
  const trail = createTrailReader(database)
  const faults = createFaultList()
  const heads: ChainHead[] = []
  const total = await trail.size()
  let entries = 0
  const onEntries = (count: number) => {
    entries += count
    onProgress({ entries, total })
  }
  for await (const chain of eachChain(trail)) {
    const head = await verifyChain(chain, { trail, faults, onEntries })
    heads.push(head)
  }
  for (const entry of await trail.chainless(mostStrays))
    faults.add(faultOf('inserted', entry, 'its chain is not known'))
  return { entries, heads, faults: faults.listed, faultCount: faults.count }
}

async function* eachChain(trail: TrailReader) {
  let after: string | undefined
  for (;;) {
    const chains = await trail.chains(after, chainsAtOnce)
    yield* chains
    if (chains.length < chainsAtOnce) return
    after = chains.at(-1)?.id
  }
}
