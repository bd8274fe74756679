import { type RawBuilder, sql } from 'kysely'
import { toInstant } from '#kit/core'
import { planOf } from '../repository/model-plan.ts'
import { slot, toStatement } from '../repository/slots.ts'
import type { ColumnRow, Database, Executor, Unit, Value } from '../types.ts'
import { AuditEntry } from './audit-models.ts'
import { createTrailReader } from './trail-reader.ts'

type PrunedDatabase = Pick<Database, 'dialect' | 'reader' | 'write'>

export interface PruneOptions {
  /** Entries that are older go. */
  readonly beforeMs: number
  readonly onProgress?: ((pruned: number) => void) | undefined
  /** Stops it between two units of work; what is pruned by then stays so. */
  readonly signal?: AbortSignal | undefined
}

/** About as many entries go in one unit of work; more where a single recorded unit has more. */
const atOnce = 2000
/** Of one statement, so that others are let in between. */
const inStatement = 500
/** A recorded unit goes as a whole, however large it is. */
const limitMs = 10 * 60_000
const chainsAtOnce = 100

const ofChain = sql`FROM plinth_audit WHERE chain = ${slot('chain')}`
const queries = {
  /** The unit of the first entry that is young enough to stay. */
  firstKept: sql`SELECT unit_seq ${ofChain} AND seq > ${slot('after')} AND created_at >= ${slot('before')} ORDER BY seq LIMIT 1`,
  /** The unit of an entry, whose own first entries may be gone before it. */
  unitAt: sql`SELECT unit_seq ${ofChain} AND seq = ${slot('seq')}`,
  /** The first entry of the next unit. */
  nextUnit: sql`SELECT seq ${ofChain} AND seq > ${slot('seq')} AND unit_seq <> ${slot('unit')} ORDER BY seq LIMIT 1`,
  hash: sql`SELECT hash ${ofChain} AND seq = ${slot('seq')}`,
  mark: sql`UPDATE plinth_audit_chains SET pruned_seq = ${slot('seq')}, pruned_hash = ${slot('hash')}
    WHERE id = ${slot('chain')} AND pruned_seq < ${slot('seq')}`,
  remove: sql`DELETE ${ofChain} AND seq <= ${slot('seq')}`,
} satisfies Readonly<Record<string, RawBuilder<unknown>>>

type Values = Readonly<Record<string, Value>>

function createAsking(database: PrunedDatabase) {
  const plan = planOf(AuditEntry, database.dialect)
  const prepare = (name: keyof typeof queries, values: Values) => {
    const statement = plan.statement(`prune ${name}`, () =>
      toStatement({ compile: () => queries[name].compile(database.dialect.compiler) }),
    )
    return [statement, statement.slots.map((slotName) => values[slotName] ?? null)] as const
  }
  return {
    first: async (executor: Executor, name: keyof typeof queries, values: Values) =>
      (await executor.all(...prepare(name, values)))[0] as ColumnRow | undefined,
    run: async (unit: Unit, name: keyof typeof queries, values: Values) =>
      unit.run(...prepare(name, values)),
  }
}

type Asking = ReturnType<typeof createAsking>

/**
 * Deletes entries that are older, whole units of work only and of each chain the oldest, and leaves in the row of the
 * chain the number and the hash of the last one that went: what stays can be verified from there. Answers how many went.
 */
export async function pruneAudit(database: PrunedDatabase, options: PruneOptions): Promise<number> {
  const trail = createTrailReader(database)
  let pruned = 0
  let after: string | undefined
  for (;;) {
    const chains = await trail.chains(after, chainsAtOnce)
    for (const { id, seq, prunedSeq } of chains) {
      const chain = { id, seq, prunedSeq }
      await pruneChain(database, chain, {
        ...options,
        onProgress: (count) => {
          pruned += count
          options.onProgress?.(pruned)
        },
      })
    }
    if (chains.length < chainsAtOnce || options.signal?.aborted) return pruned
    after = chains.at(-1)?.id
  }
}

interface PrunedChain {
  readonly id: string
  readonly seq: number
  readonly prunedSeq: number
}

async function pruneChain(
  database: PrunedDatabase,
  chain: PrunedChain,
  { beforeMs, onProgress, signal }: PruneOptions,
): Promise<void> {
  const asking = createAsking(database)
  const before = toInstant(beforeMs)
  const kept = await asking.first(database.reader, 'firstKept', {
    chain: chain.id,
    after: chain.prunedSeq,
    before,
  })
  const last = kept ? Number(kept['unit_seq']) - 1 : chain.seq
  let from = chain.prunedSeq
  while (from < last && !signal?.aborted) {
    const upTo = await endOfUnit(asking, database.reader, {
      chain: chain.id,
      near: from + atOnce,
      last,
    })
    const work = (unit: Unit) => pruneTo(asking, unit, { chain: chain.id, from, upTo })
    onProgress?.(await database.write('audit.prune', work, { limitMs }))
    from = upTo
  }
}

interface UnitSearch {
  readonly chain: string
  readonly near: number
  readonly last: number
}

/** The last entry of the unit that has an entry of this number. */
async function endOfUnit(
  { first }: Asking,
  reader: Executor,
  { chain, near, last }: UnitSearch,
): Promise<number> {
  if (near >= last) return last
  const found = await first(reader, 'unitAt', { chain, seq: near })
  if (!found) return last
  const next = await first(reader, 'nextUnit', {
    chain,
    seq: near,
    unit: Number(found['unit_seq']),
  })
  return next ? Number(next['seq']) - 1 : last
}

interface Range {
  readonly chain: string
  readonly from: number
  readonly upTo: number
}

/** Does nothing where another process was here in the meantime. */
async function pruneTo({ first, run }: Asking, unit: Unit, range: Range): Promise<number> {
  const { chain, from, upTo } = range
  const newest = await first(unit, 'hash', { chain, seq: upTo })
  if (!newest) return 0
  const marked = await run(unit, 'mark', { chain, seq: upTo, hash: String(newest['hash']) })
  if (marked === 0) return 0
  let pruned = 0
  for (let seq = from; seq < upTo; ) {
    seq = Math.min(seq + inStatement, upTo)
    pruned += await run(unit, 'remove', { chain, seq })
    await new Promise((resolve) => setImmediate(resolve))
  }
  return pruned
}
