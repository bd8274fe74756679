import type { RowChange } from '#kit/db'

export interface RingEntry {
  /** The same in every process. */
  readonly id: string
  readonly change: RowChange
}

/** The newest changes, for those who come back. */
export class Ring {
  readonly #most: number
  #entries: RingEntry[] = []
  /** Stands before the first entry. */
  #start = Bun.randomUUIDv7()

  constructor(most: number) {
    this.#most = most
  }

  /** Where it has come to. */
  get head(): string {
    return this.#entries.at(-1)?.id ?? this.#start
  }

  add(entry: RingEntry): void {
    this.#entries.push(entry)
    // Now and then, since to move them all costs something.
    if (this.#entries.length < this.#most * 2) return
    this.#start = this.#entries.at(-this.#most - 1)?.id ?? this.#start
    this.#entries = this.#entries.slice(-this.#most)
  }

  /** What came after this one; undefined where nobody knows any more. */
  after(id: string): readonly RingEntry[] | undefined {
    if (id === this.#start) return this.#entries
    const at = this.#entries.findLastIndex((entry) => entry.id === id)
    return at === -1 ? undefined : this.#entries.slice(at + 1)
  }

  /** Forgets everything: something may be missing. */
  clear(): void {
    this.#entries = []
    this.#start = Bun.randomUUIDv7()
  }
}
