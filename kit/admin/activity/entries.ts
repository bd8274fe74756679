import type { ExpressionBuilder, Kysely } from 'kysely'
import { type AuditAction, AuditEntry, type BoundRepositories } from '#kit/db'

export const { table } = AuditEntry

/** The columns of an entry as feeds read them. */
export interface Entry {
  readonly id: string
  readonly created_at: string
  readonly chain: string
  readonly seq: number
  readonly unit_seq: number
  readonly operation: string
  readonly actor_id: string | null
  readonly action: AuditAction
  readonly model: string
  readonly row_id: string
  readonly before: string | null
  readonly after: string | null
}

interface Tables {
  readonly plinth_audit: Entry
}

export type Builder = ExpressionBuilder<Tables, 'plinth_audit'>
export type Query = Pick<Kysely<Tables>, 'selectFrom'>

export function queryOf(all: BoundRepositories): Query {
  return all.query(AuditEntry) as unknown as Query
}
