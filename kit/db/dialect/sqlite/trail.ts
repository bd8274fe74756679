import type { AuditDraft } from '../../audit/audit-draft.ts'
import {
  type ChainHead,
  type EntryUnit,
  entryColumns,
  newChain,
  nextEntry,
  noHash,
} from '../../audit/audit-entry.ts'
import type { Statement } from '../../types.ts'
import type { SqliteConnection } from './connection.ts'

const statement = (sql: string): Statement => Object.freeze({ sql, slots: [] })

const insert = statement(
  `INSERT INTO plinth_audit (${entryColumns.map((name) => `"${name}"`).join(', ')}) VALUES (${entryColumns.map(() => '?').join(', ')})`,
)
const readHead = statement(
  `SELECT id, seq, hash, (SELECT max(seq) FROM plinth_audit WHERE chain = c.id) AS last
    FROM plinth_audit_chains c ORDER BY created_at DESC, id DESC LIMIT 1`,
)
const writeHead = statement(
  `INSERT INTO plinth_audit_chains (id, seq, hash, pruned_seq, pruned_hash, created_at, updated_at) VALUES (?, ?, ?, 0, '${noHash}', ?, ?)
    ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, updated_at = excluded.updated_at`,
)

/** What a unit that is rolled back leads back to. */
export type TrailMark = ChainHead | undefined

/**
 * The one chain of a SQLite database, as the transaction that is open sees it: nobody else adds to it meanwhile. Its
 * head is read before the first entry of a group and written once, before the commit.
 */
export class SqliteTrail {
  readonly #connection: SqliteConnection
  #head: ChainHead | undefined
  /** As it stands in the database. */
  #stored: ChainHead | undefined
  #at = ''

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  /** Forgets the head: until this transaction was begun, another process may have moved it. */
  begin(): void {
    this.#head = undefined
    this.#stored = undefined
  }

  get mark(): TrailMark {
    return this.#head
  }

  /** For a unit whose entries were rolled back. */
  goBack(mark: TrailMark): void {
    this.#head = mark
    // Without a mark nothing of this group is kept: the head is read again.
    if (mark === undefined) this.#stored = undefined
  }

  /** The number of the entry that comes next. */
  get nextSeq(): number {
    return this.#currentHead().seq + 1
  }

  append(draft: AuditDraft, unit: EntryUnit): void {
    const { values, head, at } = nextEntry(this.#currentHead(), unit, draft)
    this.#connection.run(insert, values)
    this.#head = head
    this.#at = at
  }

  get isMoved(): boolean {
    return this.#head !== this.#stored
  }

  storeHead(): void {
    if (!this.#head) return
    const { id, seq, hash } = this.#head
    this.#connection.run(writeHead, [id, seq, hash, this.#at, this.#at])
  }

  #currentHead(): ChainHead {
    this.#head ??= this.#readHead()
    return this.#head
  }

  /** A head behind its entries was tampered with: it is left to whoever verifies, and another chain begins. */
  #readHead(): ChainHead {
    const [row] = this.#connection.all(readHead, [])
    if (!row || Number(row['last'] ?? 0) > Number(row['seq'])) return newChain()
    const head = { id: String(row['id']), seq: Number(row['seq']), hash: String(row['hash']) }
    this.#stored = head
    return head
  }
}
