import { Problem } from '#kit/core'
import { type Committed, isFollowed, type Watching } from '#kit/db'
import type { Authenticator, ServiceContext } from '#kit/http'
import type { AnyModel } from '#kit/model'
import { beatText, readyText, resetText, withId } from './event-text.ts'
import { Listener, type ListenerOptions } from './listener.ts'
import { Ring, type RingEntry } from './ring.ts'
import { Teller } from './teller.ts'

const keptChanges = 1000
/** More changes than this that wait to be told are not told one by one. */
const mostWaiting = 10_000
const atOnce = 200
const mostListeners = 10_000
const mostOfOne = 50
const usualBeatMs = 10_000
/** How long the changes are kept for the last who has left: he may come back. */
const lingerMs = 60_000
const retrySoon = { headers: { 'Retry-After': '10' } }

export interface HubOptions {
  readonly context: ServiceContext
  readonly authenticator: Authenticator
  /** How often connections are kept open and tokens looked at. Default: 10 s. */
  readonly beatMs?: number
}

export type Asked = Omit<ListenerOptions, 'onGone'>

/** What is to be done, in this order: so that who comes in hears all that follows and nothing twice. */
type Task = Committed | Listener | 'gap' | 'beat'

/** Tells callers what is committed of the rows that they read. */
export class LiveHub {
  readonly #context: ServiceContext
  readonly #authenticator: Authenticator
  readonly #teller: Teller
  readonly #beatMs: number
  readonly #listeners = new Set<Listener>()
  /** Those of them whom `ready` was said to. */
  readonly #admitted = new Set<Listener>()
  readonly #ring = new Ring(keptChanges)
  #tasks: Task[] = []
  #waiting = 0
  #isBusy = false
  #isClosed = false
  #watching: Promise<Watching> | undefined
  #beat: ReturnType<typeof setInterval> | undefined
  #linger: ReturnType<typeof setTimeout> | undefined

  constructor({ context, authenticator, beatMs = usualBeatMs }: HubOptions) {
    this.#context = context
    this.#authenticator = authenticator
    this.#teller = new Teller(context, authenticator)
    this.#beatMs = beatMs
  }

  get size(): number {
    return this.#listeners.size
  }

  /** The models that anybody may follow, as far as he reads them. */
  get models(): readonly AnyModel[] {
    return (this.#context.database.models ?? []).filter(isFollowed)
  }

  /** Begins to hear of changes. Throws `unavailable` where that cannot be had, and `rate_limited` for who has too many. */
  async prepare(actorId: string): Promise<void> {
    if (this.#isClosed) throw new Problem('unavailable', 'The server is stopping.', retrySoon)
    if (this.#listeners.size >= mostListeners)
      throw new Problem('unavailable', 'Too many listen already. Try again later.', retrySoon)
    const own = [...this.#listeners].filter(({ actor }) => actor.id === actorId).length
    if (own >= mostOfOne)
      throw new Problem('rate_limited', `You listen ${mostOfOne} times already.`, retrySoon)
    clearTimeout(this.#linger)
    this.#watching ??= this.#watch()
    await this.#watching
    // Who asks for the headers alone never listens.
    if (this.#listeners.size === 0) this.#stopLater()
  }

  /** Lets somebody listen, once `prepare` has been awaited. */
  open(asked: Asked): ReadableStream<Uint8Array> {
    const onGone = (gone: Listener) => this.#leave(gone)
    const listener = new Listener({ ...asked, onGone }, this.#context.clock.nowMs())
    this.#listeners.add(listener)
    clearTimeout(this.#linger)
    if (this.#isClosed) listener.end()
    else this.#do(listener)
    return listener.stream
  }

  /** Ends all answers, and lets nobody in any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const listener of this.#listeners) listener.end()
    await this.#stop()
  }

  async #watch(): Promise<Watching> {
    try {
      const watching = await this.#context.database.watch({
        onCommitted: (committed) => this.#hear(committed),
        onGap: () => this.#forgetAll(),
      })
      this.#beat = setInterval(() => this.#do('beat'), this.#beatMs)
      this.#beat.unref()
      return watching
    } catch (error) {
      this.#watching = undefined
      throw error
    }
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#linger)
    clearInterval(this.#beat)
    const watching = this.#watching
    this.#watching = undefined
    this.#ring.clear()
    this.#tasks = []
    this.#waiting = 0
    await watching?.then(({ close }) => close()).catch(() => {})
  }

  #leave(listener: Listener): void {
    this.#listeners.delete(listener)
    this.#admitted.delete(listener)
    if (this.#listeners.size === 0 && !this.#isClosed) this.#stopLater()
  }

  #stopLater(): void {
    clearTimeout(this.#linger)
    this.#linger = setTimeout(() => void this.#stop(), lingerMs)
    this.#linger.unref()
  }

  #hear(committed: Committed): void {
    this.#waiting += committed.changes.length
    if (this.#waiting > mostWaiting) this.#forgetAll()
    else this.#do(committed)
  }

  /** What was to be told is not told any more; that is. */
  #forgetAll(): void {
    this.#tasks = this.#tasks.filter((task) => task instanceof Listener)
    this.#waiting = 0
    this.#tasks.unshift('gap')
    this.#wake()
  }

  #do(task: Task): void {
    this.#tasks.push(task)
    this.#wake()
  }

  /** After those who have written got their answers. */
  #wake(): void {
    if (this.#isBusy) return
    this.#isBusy = true
    setImmediate(() => void this.#work())
  }

  async #work(): Promise<void> {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift())
      try {
        await this.#perform(task)
      } catch (error) {
        this.#context.log.warn({ err: error }, 'live updates: changes could not be told')
        await this.#reset()
      }
    this.#isBusy = false
  }

  async #perform(task: Task): Promise<void> {
    if (task instanceof Listener) return this.#admit(task)
    if (task === 'beat') return this.#keepOpen()
    if (task === 'gap') return this.#reset()
    return this.#tellAll(this.#takeWith(task))
  }

  /** The next changes, so that their rows are read together. */
  #takeWith(first: Committed): RingEntry[] {
    const entries = toEntries(first)
    for (;;) {
      const [next] = this.#tasks
      if (!next || typeof next === 'string' || next instanceof Listener) break
      if (entries.length + next.changes.length > atOnce) break
      entries.push(...toEntries(next))
      this.#tasks.shift()
    }
    this.#waiting = Math.max(0, this.#waiting - entries.length)
    return entries
  }

  async #admit(listener: Listener): Promise<void> {
    if (listener.isGone) return
    this.#admitted.add(listener)
    const { lastEventId } = listener
    const missed = lastEventId === undefined ? undefined : this.#ring.after(lastEventId)
    if (lastEventId !== undefined && missed !== undefined) {
      listener.send(readyText(lastEventId, true))
      return this.#teller.tell(missed, new Set([listener]))
    }
    listener.send(readyText(this.#ring.head, false))
    if (lastEventId !== undefined) listener.send(resetText(namesOf(listener)))
  }

  async #tellAll(entries: readonly RingEntry[]): Promise<void> {
    for (const entry of entries) this.#ring.add(entry)
    for (const { change } of entries) {
      const isConcerned = this.#authenticator.mayEnd?.(change)
      if (!isConcerned) continue
      for (const listener of this.#listeners)
        if (isConcerned(listener.actor)) await this.#teller.check(listener)
    }
    await this.#teller.tell(entries, this.#admitted)
  }

  async #checkAll(): Promise<void> {
    for (const listener of this.#listeners) await this.#teller.check(listener)
  }

  async #keepOpen(): Promise<void> {
    await this.#checkAll()
    const text = beatText(this.#ring.head)
    for (const listener of this.#admitted) listener.send(text)
  }

  /** Nobody can be told what happened: all are told that. */
  async #reset(): Promise<void> {
    this.#ring.clear()
    for (const listener of this.#admitted)
      listener.send(withId(this.#ring.head, resetText(namesOf(listener))))
    await this.#checkAll()
  }
}

function namesOf({ models }: Listener): string[] {
  return models.map(({ name }) => name)
}

function toEntries({ id, changes }: Committed): RingEntry[] {
  return changes.map((change, at) => ({ id: `${id}.${at}`, change }))
}
