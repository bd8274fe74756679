import type { SQL } from 'bun'
import { type Log, Problem } from '#kit/core'
import type { ChangeWatcher, RowChange, Watching } from '../../changes/row-change.ts'
import type { Executor, Unit } from '../../types.ts'
import { channel, fromMessage, listenerName, toMessages } from './messages.ts'

/** For so long a process believes that nobody listens once it has looked. */
const believedMs = 250
/** Who begins to listen waits so long until all know it: twice of what they need. */
const settleMs = 500
const connectMs = 10_000
const pingMs = 3000
/** How often it is tried whether what is sent arrives: a connection may be dead and say nothing. */
const tryEveryMs = 15_000

/** Its name stands in the list of sessions as long as the connection lives, and not a moment longer. */
const whoListens = `SELECT 1 FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = '${listenerName}' LIMIT 1`

export interface ChangesOptions {
  readonly reader: Executor
  readonly log: Log
  /** A client of its own for what listens: its one connection opens anew when it is cut. */
  readonly connect: () => SQL
}

/**
 * Tells all processes on a database what each has committed. Messages are sent by the transactions themselves, so that
 * none is lost with its process and their order is that of the commits; that orders the commits one after the other,
 * for which reason none is sent while nobody listens.
 */
export class PostgresChanges {
  readonly #options: ChangesOptions
  readonly #watchers = new Set<ChangeWatcher>()
  #starting: Promise<void> | undefined
  #client: SQL | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #answered: (() => void) | undefined
  #isTrying = false
  #isListenedTo = false
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(options: ChangesOptions) {
    this.#options = options
  }

  /** What a unit must send; nothing where nobody listens. To be asked at its end, as late as can be. */
  async messagesFor(unit: Unit, changes: readonly RowChange[]): Promise<readonly string[]> {
    const isHeard = this.#watchers.size > 0 || (await this.#isListenedToAsOf(unit))
    return isHeard ? toMessages(changes, () => Bun.randomUUIDv7()) : []
  }

  async #isListenedToAsOf(unit: Unit): Promise<boolean> {
    const nowMs = performance.now()
    if (nowMs - this.#lookedMs < believedMs) return this.#isListenedTo
    // On the unit's own connection: there may be no other.
    this.#isListenedTo = (await unit.execute(whoListens)).length > 0
    this.#lookedMs = nowMs
    return this.#isListenedTo
  }

  /** Throws `unavailable` where what is sent does not arrive, as behind a pooler. */
  async watch(watcher: ChangeWatcher): Promise<Watching> {
    this.#watchers.add(watcher)
    this.#starting ??= this.#start()
    try {
      await this.#starting
    } catch (error) {
      await this.#leave(watcher)
      throw error
    }
    return { close: () => this.#leave(watcher) }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#starting = undefined
    const client = this.#client
    this.#client = undefined
    await client?.close({ timeout: 0 })
  }

  async #leave(watcher: ChangeWatcher): Promise<void> {
    this.#watchers.delete(watcher)
    if (this.#watchers.size === 0) await this.close()
  }

  async #start(): Promise<void> {
    await this.#listen()
    await Bun.sleep(settleMs)
    this.#timer = setInterval(() => void this.#tryOut(), tryEveryMs)
    this.#timer.unref()
  }

  async #listen(): Promise<void> {
    const client = this.#options.connect()
    this.#client = client
    let count = 0
    const listening = client.listen(channel, this.#hear, () => {
      count += 1
      // It was cut, and what was sent meanwhile is gone.
      if (count > 1) this.#tellGap()
    })
    if (await isWithin(connectMs, listening)) if (await this.#arrives()) return
    await client.close({ timeout: 0 })
    if (this.#client === client) this.#client = undefined
    throw new Problem(
      'unavailable',
      'Live updates cannot be had: what the database is told to pass on does not arrive.',
      { headers: { 'Retry-After': '30' }, cause: new Error(pooler) },
    )
  }

  /** Sends something, and waits for it. */
  async #arrives(): Promise<boolean> {
    const arrival = Promise.withResolvers<void>()
    this.#answered = arrival.resolve
    const ping = JSON.stringify({ ping: Bun.randomUUIDv7() })
    await this.#options.reader.execute('SELECT pg_notify($1::text, $2::text)', [channel, ping])
    return isWithin(pingMs, arrival.promise)
  }

  /** While the database is away as a whole, the client itself tries to reach it. */
  async #tryOut(): Promise<void> {
    if (this.#isTrying) return
    this.#isTrying = true
    try {
      if (this.#client && (await this.#arrives())) return
      this.#options.log.warn(
        'live updates: a connection that listens fell silent; another is opened',
      )
      await this.#client?.close({ timeout: 0 })
      if (this.#watchers.size > 0) await this.#listen()
      this.#tellGap()
    } catch (error) {
      this.#options.log.warn({ err: error }, 'live updates: the database does not answer')
    } finally {
      this.#isTrying = false
    }
  }

  readonly #hear = (text: string): void => {
    const told = fromMessage(text)
    if (!told) return
    if ('ping' in told) this.#answered?.()
    else for (const { onCommitted } of this.#watchers) onCommitted(told)
  }

  #tellGap(): void {
    for (const { onGap } of this.#watchers) onGap()
  }
}

const pooler =
  'LISTEN works on a connection to the server itself, not behind a pooler that gives each transaction another one.'

async function isWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(() => late.resolve(false), ms)
  try {
    return await Promise.race([work.then(() => true), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
