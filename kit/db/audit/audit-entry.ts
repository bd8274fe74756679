import { hash } from 'node:crypto'
import { toInstant } from '#kit/core'
import type { Value } from '../types.ts'
import type { AuditDraft } from './audit-draft.ts'

/** Where a chain has come to. */
export interface ChainHead {
  readonly id: string
  /** Of the newest entry; 0 where there is none yet. */
  readonly seq: number
  readonly hash: string
}

/** What stands for the hash of the entry before the first one. */
export const noHash = '0'.repeat(64)

/** The columns of an entry, its hash last: in this order they are hashed. Another order would be another hash. */
export const entryColumns = Object.freeze([
  'chain',
  'seq',
  'unit_seq',
  'id',
  'created_at',
  'updated_at',
  'actor_id',
  'session_id',
  'request_id',
  'operation',
  'action',
  'model',
  'row_id',
  'before',
  'after',
  'undoes',
  'hash',
] as const)

export function newChain(): ChainHead {
  return { id: Bun.randomUUIDv7(), seq: 0, hash: noHash }
}

/** SHA-256 over the JSON array of the hash before and all values but the hash, in hexadecimal. */
export function hashOf(previous: string, values: readonly unknown[]): string {
  return hash('sha256', JSON.stringify([previous, ...values]), 'hex')
}

/** The unit of work that entries are of. */
export interface EntryUnit {
  readonly name: string
  /** The `seq` of its first entry. */
  readonly seq: number
}

export interface NextEntry {
  /** In the order of {@link entryColumns}. */
  readonly values: readonly Value[]
  readonly head: ChainHead
  readonly at: string
}

/** The entry that follows the head of a chain, and the head that it makes. */
export function nextEntry(head: ChainHead, unit: EntryUnit, draft: AuditDraft): NextEntry {
  const seq = head.seq + 1
  const at = toInstant(draft.atMs)
  const values: Value[] = [
    head.id,
    seq,
    unit.seq,
    Bun.randomUUIDv7('hex', draft.atMs),
    at,
    at,
    draft.actorId,
    draft.sessionId,
    draft.requestId,
    unit.name,
    draft.action,
    draft.model,
    draft.rowId,
    draft.before && JSON.stringify(draft.before),
    draft.after && JSON.stringify(draft.after),
    draft.undoes?.toLowerCase() ?? null,
  ]
  const hash = hashOf(head.hash, values)
  values.push(hash)
  return { values, head: { id: head.id, seq, hash }, at }
}
