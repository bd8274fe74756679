import { type RawBuilder, sql } from 'kysely'
import { planOf } from '../repository/model-plan.ts'
import { slot, toStatement } from '../repository/slots.ts'
import type { ColumnRow, Database, Value } from '../types.ts'
import { entryColumns } from './audit-entry.ts'
import { AuditEntry } from './audit-models.ts'

/** A chain as its row tells of it. */
export interface ChainRow {
  readonly id: string
  readonly seq: number
  readonly hash: string
  readonly prunedSeq: number
  readonly prunedHash: string
}

/** An entry as it stands in the table, and where the index says that it stands. */
export interface StoredEntry {
  readonly id: string
  readonly seq: number
  readonly hash: string
  /** All its values but the hash, in the order in which they are hashed. */
  readonly values: readonly unknown[]
}

export interface FoundEntry {
  readonly id: string
  readonly chain: string
  readonly seq: number
}

const hashed = entryColumns.slice(0, -1)
const chains = sql`SELECT id, seq, hash, pruned_seq, pruned_hash FROM plinth_audit_chains`
const found = (where: RawBuilder<unknown>) =>
  sql`SELECT e.id, e.chain, e.seq FROM plinth_audit e ${where} LIMIT ${slot('limit')}`
const ofChain = sql`JOIN plinth_audit_chains c ON c.id = e.chain WHERE c.id = ${slot('chain')}`

/**
 * The row itself is found by its id: an engine answers what an index holds from there, and nobody would see that the
 * table says something else.
 */
const entries = sql`SELECT i.id AS found_id, i.seq AS found_seq, i.hash AS found_hash, ${sql.join(
  entryColumns.map((name) => sql.ref(`t.${name}`)),
)} FROM plinth_audit i LEFT JOIN plinth_audit t ON t.id = i.id
  WHERE i.chain = ${slot('chain')} AND i.seq > ${slot('after')} AND i.seq <= ${slot('upTo')}
  ORDER BY i.seq LIMIT ${slot('limit')}`

const queries = {
  firstChains: sql`${chains} ORDER BY id LIMIT ${slot('limit')}`,
  nextChains: sql`${chains} WHERE id > ${slot('after')} ORDER BY id LIMIT ${slot('limit')}`,
  chain: sql`${chains} WHERE id = ${slot('chain')}`,
  size: sql`SELECT coalesce(sum(seq - pruned_seq), 0) AS entries FROM plinth_audit_chains`,
  entries,
  behind: found(sql`${ofChain} AND e.seq > c.seq`),
  before: found(sql`${ofChain} AND e.seq <= c.pruned_seq`),
  chainless: found(
    sql`WHERE NOT EXISTS (SELECT 1 FROM plinth_audit_chains c WHERE c.id = e.chain)`,
  ),
}

/** Reads the audit trail as it is stored, a statement at a time: each sees what is committed when it runs. */
export function createTrailReader({ dialect, reader }: Pick<Database, 'dialect' | 'reader'>) {
  const plan = planOf(AuditEntry, dialect)
  const ask = async (name: keyof typeof queries, values: Readonly<Record<string, Value>> = {}) => {
    const statement = plan.statement(`trail ${name}`, () =>
      toStatement({ compile: () => queries[name].compile(dialect.compiler) }),
    )
    return reader.all(
      statement,
      statement.slots.map((slotName) => values[slotName] ?? null),
    )
  }
  return {
    chains: async (after: string | undefined, limit: number): Promise<ChainRow[]> => {
      const rows =
        after === undefined
          ? await ask('firstChains', { limit })
          : await ask('nextChains', { after, limit })
      return rows.map(toChain)
    },
    chain: async (chain: string): Promise<ChainRow | undefined> =>
      (await ask('chain', { chain })).map(toChain)[0],
    /** How many entries there should be. */
    size: async () => Number((await ask('size'))[0]?.['entries'] ?? 0),
    entries: async (range: { chain: string; after: number; upTo: number; limit: number }) =>
      (await ask('entries', range)).map(toStored),
    /** Entries behind the head of their chain, or before its checkpoint. */
    stray: async (side: 'behind' | 'before', chain: string, limit: number) =>
      (await ask(side, { chain, limit })).map(toFound),
    /** Entries of a chain that is not there. */
    chainless: async (limit: number) => (await ask('chainless', { limit })).map(toFound),
  }
}

export type TrailReader = ReturnType<typeof createTrailReader>

function toChain(row: ColumnRow): ChainRow {
  return {
    id: String(row['id']),
    seq: Number(row['seq']),
    hash: String(row['hash']),
    prunedSeq: Number(row['pruned_seq']),
    prunedHash: String(row['pruned_hash']),
  }
}

function toStored(row: ColumnRow): StoredEntry {
  return {
    id: String(row['found_id']),
    seq: Number(row['found_seq']),
    // Where its id was altered, the index of ids does not lead there.
    hash: String(row['hash'] ?? row['found_hash']),
    values: hashed.map((name) => row[name] ?? null),
  }
}

function toFound(row: ColumnRow): FoundEntry {
  return { id: String(row['id']), chain: String(row['chain']), seq: Number(row['seq']) }
}
