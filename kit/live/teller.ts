import { toInstant } from '#kit/core'
import type { RowChange } from '#kit/db'
import type { Authenticator, ServiceContext } from '#kit/http'
import { type Actor, type AnyModel, isAllowed, toWire } from '#kit/model'
import { resetText, toEventData, withId } from './event-text.ts'
import type { Listener } from './listener.ts'
import { keyOf, type Rows, readWritten } from './read-rows.ts'
import type { RingEntry } from './ring.ts'
import { canSee } from './sight.ts'

/** A token that was looked at so long ago is good for a further event. */
const trustedMs = 1000

/** What a change is to somebody who reads the row. */
type Texts = Partial<Record<RowChange['action'], string>>

/** One change, its row as it is now, and its texts as they are made. */
interface Told {
  readonly model: AnyModel
  readonly change: RowChange
  readonly row: Readonly<Record<string, unknown>> | undefined
  readonly now: string
  readonly texts: Texts
}

/** Decides what each listener is told, and whether he is told anything any more. */
export class Teller {
  readonly #context: ServiceContext
  readonly #authenticator: Authenticator

  constructor(context: ServiceContext, authenticator: Authenticator) {
    this.#context = context
    this.#authenticator = authenticator
  }

  async tell(entries: readonly RingEntry[], listeners: ReadonlySet<Listener>): Promise<void> {
    const followed = new Map<string, AnyModel>()
    for (const { models } of listeners) for (const model of models) followed.set(model.name, model)
    const wanted = entries.filter(({ change }) => followed.has(change.model))
    if (wanted.length === 0) return
    const changes = wanted.map(({ change }) => change)
    const rows = await readWritten(this.#context, followed.values(), changes)
    const now = toInstant(this.#context.clock.nowMs())
    for (const { id, change } of wanted) {
      const model = followed.get(change.model)
      if (!model) continue
      const told: Told = { model, change, row: rowOf(rows, change), now, texts: {} }
      for (const listener of listeners)
        if (listener.follows(model)) await this.#tellOne(listener, id, told)
    }
  }

  /** Looks whether the token still holds, and ends the answer where it does not. */
  async check(listener: Listener): Promise<void> {
    listener.checkedMs = this.#context.clock.nowMs()
    try {
      const { actor, hold } = await this.#authenticator.authenticate(listener.token)
      const isLetIn = listener.models.every(({ access }) => isAllowed(actor, access.read))
      if (hold !== undefined || !isLetIn) return listener.end()
      const hasOtherRole = actor.role !== listener.actor.role
      listener.actor = actor
      if (hasOtherRole) listener.send(resetText(listener.models.map(({ name }) => name)))
    } catch {
      // Whoever comes back hears why.
      listener.end()
    }
  }

  async #tellOne(listener: Listener, id: string, told: Told): Promise<void> {
    if (textFor(listener.actor, told) === undefined) return
    const ageMs = this.#context.clock.nowMs() - listener.checkedMs
    if (ageMs >= trustedMs) await this.check(listener)
    const text = textFor(listener.actor, told)
    if (text !== undefined) listener.send(withId(id, text))
  }
}

function rowOf(rows: Rows, change: RowChange): Told['row'] {
  return change.action === 'remove' ? undefined : rows.get(keyOf(change))
}

/** Undefined where it is none of the actor's business. */
function textFor(actor: Actor, told: Told): string | undefined {
  const { model, change, row, now, texts } = told
  // Nobody knows which rows: whoever reads any must look.
  if (change.id === undefined) return resetText([model.name])
  const did = change.before !== undefined && canSee(model, actor, { row: change.before, now })
  const does = row !== undefined && canSee(model, actor, { row, now })
  if (!did && !does) return undefined
  const action = !does ? 'remove' : did ? 'change' : 'create'
  texts[action] ??= toText(told, action)
  return texts[action]
}

function toText({ model, change, row }: Told, action: RowChange['action']): string {
  const event = { model: model.name, action, id: change.id }
  return toEventData(action === 'remove' || !row ? event : { ...event, row: toWire(model)(row) })
}
