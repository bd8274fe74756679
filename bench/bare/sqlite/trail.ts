import type { Database } from 'bun:sqlite'
import { hash } from 'node:crypto'

export interface Entry {
  readonly actorId: string
  readonly operation: string
  readonly action: 'create' | 'change'
  readonly model: string
  readonly rowId: string
  readonly before: unknown
  readonly after: unknown
}

interface Head {
  readonly id: string
  readonly seq: number
  readonly hash: string
}

/** An audit trail as Plinth's: one chain, its head read as a group begins and written as it ends. */
export interface Trail {
  begin(): void
  append(entry: Entry): void
  end(): void
}

export function createTrail(writer: Database): Trail {
  const read = writer.prepare<Head, []>(
    `select "id", "seq", "hash", (select max("seq") from "plinth_audit" where "chain" = c."id") as "last"
     from "plinth_audit_chains" c order by "created_at" desc, "id" desc limit 1`,
  )
  const insert = writer.prepare<unknown, (string | number | null)[]>(
    `insert into "plinth_audit" ("chain", "seq", "unit_seq", "id", "created_at", "updated_at", "actor_id", "session_id",
       "request_id", "operation", "action", "model", "row_id", "before", "after", "undoes", "hash")
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const store = writer.prepare(
    `insert into "plinth_audit_chains" ("id", "seq", "hash", "pruned_seq", "pruned_hash", "created_at", "updated_at")
     values (?, ?, ?, 0, ?, ?, ?)
     on conflict ("id") do update set "seq" = excluded."seq", "hash" = excluded."hash", "updated_at" = excluded."updated_at"`,
  )
  const noHash = '0'.repeat(64)
  let head: Head | undefined
  let isMoved = false
  return {
    begin: () => {
      head = undefined
      isMoved = false
    },
    append: ({ actorId, operation, action, model, rowId, before, after }) => {
      head ??= read.get() ?? { id: Bun.randomUUIDv7(), seq: 0, hash: noHash }
      const seq = head.seq + 1
      const now = new Date().toISOString()
      const values = [
        ...[head.id, seq, seq, Bun.randomUUIDv7(), now, now, actorId, null, Bun.randomUUIDv7()],
        ...[operation, action, model, rowId],
        ...[before === null ? null : JSON.stringify(before), JSON.stringify(after), null],
      ]
      const own = hash('sha256', JSON.stringify([head.hash, ...values]), 'hex')
      insert.run(...values, own)
      head = { id: head.id, seq, hash: own }
      isMoved = true
    },
    end: () => {
      if (!head || !isMoved) return
      const now = new Date().toISOString()
      store.run(head.id, head.seq, head.hash, noHash, now, now)
    },
  }
}
