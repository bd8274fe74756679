import type { AuditDraft } from '../../audit/audit-draft.ts'
import {
  type ChainHead,
  entryColumns,
  newChain,
  nextEntry,
  noHash,
} from '../../audit/audit-entry.ts'
import type { Value } from '../../types.ts'

const types: Readonly<Partial<Record<(typeof entryColumns)[number], string>>> = {
  chain: 'uuid',
  seq: 'bigint',
  unit_seq: 'bigint',
  id: 'uuid',
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
  undoes: 'uuid',
}

const columns = entryColumns.map((name) => `"${name}"`).join(', ')
const typeOf = (name: (typeof entryColumns)[number]) => types[name] ?? 'text'

/** An instant is given as its text: the driver would have it as a date of its own. */
const given = entryColumns.map((name, place) =>
  typeOf(name) === 'timestamptz'
    ? `$${place + 1}::text::timestamptz`
    : `$${place + 1}::${typeOf(name)}`,
)
const described = entryColumns.map((name) => `"${name}" ${typeOf(name)}`)

/**
 * Stores entries and moves the head. ON CONFLICT reads nothing that other transactions might write, as an UPDATE would:
 * units of other chains never stand in its way.
 */
const store = (source: string, newest: string) =>
  `WITH added AS (INSERT INTO plinth_audit (${columns}) ${source} RETURNING chain, seq, hash, created_at) ` +
  'INSERT INTO plinth_audit_chains (id, seq, hash, pruned_seq, pruned_hash, created_at, updated_at) ' +
  `SELECT chain, seq, hash, 0, '${noHash}', created_at, created_at FROM added${newest} ` +
  'ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, updated_at = excluded.updated_at'

/** Nearly all units write one row. Its values each by itself cost the server a third less than as JSON. */
const storeOne = store(`VALUES (${given.join(', ')})`, '')
const storeMany = store(
  `SELECT ${columns} FROM json_to_recordset($1::text::json) AS given (${described.join(', ')})`,
  ' ORDER BY seq DESC LIMIT 1',
)

/** A unit's entries are stored in portions of this size, so that a large one takes no more memory than a small one. */
const portionEntries = 200
const portionCharacters = 256 * 1024

export interface Portion {
  readonly sql: string
  readonly values: readonly Value[]
}

/** The entries of one unit of work, on a chain that is its own while it runs. */
export class UnitTrail {
  readonly #unit: { readonly name: string; readonly seq: number }
  #head: ChainHead
  #pending: (readonly Value[])[] = []
  #characters = 0

  constructor(name: string, head: ChainHead) {
    this.#unit = { name, seq: head.seq + 1 }
    this.#head = head
  }

  /** Where the chain is once the unit is committed. */
  get head(): ChainHead {
    return this.#head
  }

  get isPortionFull(): boolean {
    return this.#pending.length >= portionEntries || this.#characters >= portionCharacters
  }

  append(draft: AuditDraft): void {
    const { values, head } = nextEntry(this.#head, this.#unit, draft)
    this.#pending.push(values)
    for (const value of values) if (typeof value === 'string') this.#characters += value.length
    this.#head = head
  }

  /** The statement that stores what is not stored yet; undefined where there is nothing. */
  takePortion(): Portion | undefined {
    const [first, ...others] = this.#pending
    if (!first) return undefined
    const portion =
      others.length === 0
        ? { sql: storeOne, values: first }
        : { sql: storeMany, values: [JSON.stringify(this.#pending.map(toObject))] }
    this.#pending = []
    this.#characters = 0
    return portion
  }
}

function toObject(values: readonly Value[]): Record<string, Value | undefined> {
  return Object.fromEntries(entryColumns.map((name, place) => [name, values[place]]))
}

/**
 * The chains of this process, one for each unit that runs at a time, so that nobody waits for another. A unit has its
 * chain before its transaction sees anything: what the one before it has committed is seen.
 */
export class Chains {
  readonly #free: ChainHead[] = []

  take(): ChainHead {
    return this.#free.pop() ?? newChain()
  }

  /** For a chain that stands there for certain; any other is left, and a new one begins. */
  giveBack(head: ChainHead): void {
    this.#free.push(head)
  }
}
