import type { Log } from '#kit/core'
import type { ConnectionEvents, PostgresConnection } from './connection.ts'
import { Outage } from './outage.ts'
import { pauseBefore } from './pause.ts'
import { exhausted, stopping } from './pool-problems.ts'

/** How many statements are sent one behind the other on a connection that readers share. */
const sharedDepth = 16
/** A shared connection with this many under way is reason to open one more. */
const growDepth = 2
const sweepEveryMs = 1000
/** Between two attempts to connect while callers wait for one to succeed. */
const bridgePauseMs = 200

export interface PoolOptions {
  readonly min: number
  readonly max: number
  /** How long a caller waits for a connection. */
  readonly acquireMs: number
  /** How long he waits where there is none, since the server is away. */
  readonly bridgeMs: number
  /** How long a connection above `min` stays without use. */
  readonly idleMs: number
  /** A connection that was asked this long ago and has not answered is given up. */
  readonly silentMs: number
  readonly log: Log
  readonly open: (events: ConnectionEvents) => Promise<PostgresConnection>
}

interface Waiter {
  /** For a unit, which shares its connection with nobody. */
  readonly isAlone: boolean
  /** Uses the connection at once, so that nobody else takes it for idle. */
  readonly serve: (connection: PostgresConnection) => void
  readonly reject: (error: unknown) => void
  readonly timer: ReturnType<typeof setTimeout>
}

/** The connections of this process. Readers share them, a unit has one to itself. */
export class Pool {
  readonly #options: PoolOptions
  readonly #all = new Set<PostgresConnection>()
  readonly #alone = new Set<PostgresConnection>()
  #waiting: Waiter[] = []
  #opening = 0
  readonly #outage: Outage
  #isClosed = false
  #hasSuspects = false
  #idle: (() => void)[] = []
  readonly #events: ConnectionEvents = {
    onLost: (connection) => this.#forget(connection),
    onSettled: () => {
      if (this.#waiting.length > 0 || this.#isClosed) this.#dispatch()
    },
  }
  readonly #sweeper: ReturnType<typeof setInterval>

  constructor(options: PoolOptions) {
    this.#options = options
    this.#outage = new Outage(options)
    this.#sweeper = setInterval(() => this.#sweep(), sweepEveryMs)
    this.#sweeper.unref()
  }

  get size(): number {
    return this.#all.size
  }

  /** Opens the first connection. Throws the driver's fault. */
  async start(): Promise<void> {
    this.#add(await this.#options.open(this.#events))
    this.#fill()
  }

  /** Sends something to read on a connection, behind what others sent there. */
  share<T>(send: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const found = this.#waiting.length === 0 ? this.#findShared() : undefined
    if (found) return send(found)
    return this.#wait<T>(false, (connection, resolve) => resolve(send(connection)))
  }

  /** A connection for one caller alone, until he releases it. */
  take(): PostgresConnection | Promise<PostgresConnection> {
    const found = this.#waiting.length === 0 ? this.#findIdle() : undefined
    if (!found) return this.#wait(true, (connection, resolve) => resolve(connection))
    this.#alone.add(found)
    return found
  }

  release(connection: PostgresConnection): void {
    this.#alone.delete(connection)
    this.#dispatch()
  }

  /** Gives up a connection that cannot be trusted any more. */
  discard(connection: PostgresConnection): void {
    this.#alone.delete(connection)
    void connection.close()
    this.#forget(connection)
  }

  /**
   * Gives up a connection that was cut, and all that were open beside it: where the server cut one it will have cut
   * them all, though we hear of it when they are used. What is under way on them is let run.
   */
  distrust(connection: PostgresConnection): void {
    if (connection.isSuspect) return
    connection.isSuspect = true
    for (const other of this.#all) other.isSuspect = true
    this.#hasSuspects = true
    this.#dropSuspects()
  }

  /** Waits for what is under way, then closes. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#sweeper)
    for (const waiter of this.#waiting.splice(0)) settle(waiter).reject(stopping())
    if (this.#isBusy()) await new Promise<void>((resolve) => this.#idle.push(resolve))
    await Promise.all([...this.#all].map((connection) => connection.close()))
    this.#all.clear()
  }

  /** The least busy of those that are shared; undefined where even that one has enough to do. */
  #findShared(): PostgresConnection | undefined {
    const best = this.#leastBusy()
    if (best && best.pending < growDepth) return best
    this.#grow()
    return best && best.pending < sharedDepth ? best : undefined
  }

  #leastBusy(): PostgresConnection | undefined {
    let best: PostgresConnection | undefined
    for (const connection of this.#all) {
      if (this.#alone.has(connection) || !isUsable(connection)) continue
      if (connection.pending === 0) return connection
      if (!best || connection.pending < best.pending) best = connection
    }
    return best
  }

  #findIdle(): PostgresConnection | undefined {
    for (const connection of this.#all) if (this.#isIdle(connection)) return connection
    return undefined
  }

  #isIdle(connection: PostgresConnection): boolean {
    return connection.pending === 0 && isUsable(connection) && !this.#alone.has(connection)
  }

  #isBusy(): boolean {
    return this.#alone.size > 0 || [...this.#all].some(({ pending }) => pending > 0)
  }

  #wait<T>(
    isAlone: boolean,
    use: (connection: PostgresConnection, resolve: (value: T | Promise<T>) => void) => void,
  ): Promise<T> {
    if (this.#isClosed) return Promise.reject(stopping())
    if (this.#isAway()) return this.#outage.refuse()
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(waiter), this.#options.acquireMs)
      const serve = (connection: PostgresConnection) => use(connection, resolve)
      const waiter: Waiter = { isAlone, serve, reject, timer }
      this.#waiting.push(waiter)
      this.#grow()
    })
  }

  #giveUp(waiter: Waiter): void {
    this.#waiting = this.#waiting.filter((other) => other !== waiter)
    // A server that does not even refuse us is away too.
    if (!this.#hasUsable()) this.#outage.note(performance.now() - this.#options.acquireMs)
    waiter.reject(this.#outage.isKnown ? this.#outage.refusal() : exhausted())
  }

  #hasUsable(): boolean {
    return [...this.#all].some(isUsable)
  }

  /** Whether waiting is of no use, for as long as anybody can tell. */
  #isAway(): boolean {
    return this.#outage.isLong && !this.#hasUsable()
  }

  /** Serves those who wait, oldest first. */
  #dispatch(): void {
    while (this.#waiting[0] && this.#serve(this.#waiting[0]));
    if (this.#waiting.length > 0) this.#grow()
    if (this.#isClosed && !this.#isBusy()) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #serve(waiter: Waiter): boolean {
    const connection = waiter.isAlone ? this.#findIdle() : this.#findShared()
    if (!connection) return false
    if (waiter.isAlone) this.#alone.add(connection)
    this.#waiting.shift()
    settle(waiter).serve(connection)
    return true
  }

  #grow(): void {
    this.#dropSuspects()
    if (this.#isClosed || this.#all.size + this.#opening >= this.#options.max) return
    // One more for each who waits, and one where readers crowd.
    if (this.#opening > this.#waiting.length) return
    this.#opening += 1
    void this.#openOne()
  }

  #fill(): void {
    while (!this.#isClosed && this.#all.size + this.#opening < this.#options.min) {
      this.#opening += 1
      void this.#openOne()
    }
  }

  /** Tries again, ever more slowly, as long as somebody waits or nobody else finds out when the server is back. */
  async #openOne(): Promise<void> {
    for (let attempt = 1; !(await this.#canOpen()); attempt += 1) {
      if (this.#isAway()) this.#turnAway()
      if (this.#isClosed || !this.#isProbing()) break
      await pauseBefore(attempt, this.#isAway() ? undefined : bridgePauseMs)
    }
    this.#opening -= 1
    this.#dispatch()
  }

  async #canOpen(): Promise<boolean> {
    const sinceMs = performance.now()
    try {
      this.#add(await this.#options.open(this.#events))
      this.#outage.end()
      return true
    } catch (error) {
      this.#outage.note(sinceMs, error)
      return false
    }
  }

  #isProbing(): boolean {
    return this.#waiting.length > 0 || (this.#opening === 1 && !this.#hasUsable())
  }

  #turnAway(): void {
    for (const waiter of this.#waiting.splice(0)) settle(waiter).reject(this.#outage.refusal())
  }

  #add(connection: PostgresConnection): void {
    if (this.#isClosed) void connection.close()
    else if (!connection.isLost) this.#all.add(connection)
  }

  /** Closes those that are not trusted once nothing is under way on them. */
  #dropSuspects(): void {
    if (!this.#hasSuspects) return
    this.#hasSuspects = false
    for (const connection of this.#all) {
      if (!connection.isSuspect) continue
      if (connection.pending > 0 || this.#alone.has(connection)) this.#hasSuspects = true
      else {
        this.#all.delete(connection)
        void connection.close()
      }
    }
  }

  #forget(connection: PostgresConnection): void {
    this.#all.delete(connection)
    // A unit still holds it, and gives it back in its own time.
    if (!this.#alone.has(connection)) this.#dispatch()
  }

  #sweep(): void {
    const now = performance.now()
    for (const connection of this.#all) {
      const restedMs = now - connection.activeMs
      if (connection.pending > 0 && restedMs > this.#options.silentMs) {
        this.#options.log.error('a connection to the database fell silent and was given up')
        this.discard(connection)
      } else if (
        this.#isIdle(connection) &&
        restedMs > this.#options.idleMs &&
        this.#all.size > this.#options.min
      )
        this.discard(connection)
    }
    this.#dropSuspects()
    this.#fill()
  }
}

function isUsable({ isLost, isSuspect }: PostgresConnection): boolean {
  return !isLost && !isSuspect
}

function settle(waiter: Waiter): Waiter {
  clearTimeout(waiter.timer)
  return waiter
}
