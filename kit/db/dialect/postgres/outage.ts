import { type Log, Problem } from '#kit/core'

export interface OutageOptions {
  /** How long callers wait for a server that is away: a restart shall cost them no error. */
  readonly bridgeMs: number
  readonly log: Log
}

/** What a pool knows of a server that lets nobody in. */
export class Outage {
  readonly #options: OutageOptions
  #sinceMs: number | undefined
  #fault: unknown
  #isTold = false

  constructor(options: OutageOptions) {
    this.#options = options
  }

  get isKnown(): boolean {
    return this.#sinceMs !== undefined
  }

  /** Whether it lasts longer than anybody is to wait for its end. */
  get isLong(): boolean {
    return this.#sinceMs !== undefined && performance.now() - this.#sinceMs > this.#options.bridgeMs
  }

  /** Notes that nobody was let in, `sinceMs` being when that was tried. */
  note(sinceMs: number, fault?: unknown): void {
    this.#sinceMs ??= sinceMs
    this.#fault = fault ?? this.#fault
  }

  end(): void {
    this.#sinceMs = undefined
    this.#fault = undefined
    if (this.#isTold) this.#options.log.info('the database answers again')
    this.#isTold = false
  }

  /** Rejects in a moment, not at once: whoever tries again without a pause would let nothing else happen. */
  refuse(): Promise<never> {
    return new Promise((_, reject) => setImmediate(() => reject(this.refusal())))
  }

  /** What callers are told; where the server is, and what it said, is for the log. */
  refusal(): Problem {
    if (!this.#isTold)
      this.#options.log.warn(
        { err: this.#fault },
        'the database does not answer; requests that need it are refused until it does',
      )
    this.#isTold = true
    return new Problem('unavailable', 'The database does not answer. Try again.', {
      cause: this.#fault,
      headers: { 'Retry-After': '1' },
    })
  }
}
