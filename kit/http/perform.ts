import {
  type Binding,
  type BoundRepositories,
  bindEveryone,
  bindRepositories,
  bindSystem,
  type Database,
  type Executor,
  entityTag,
  type Unit,
} from '#kit/db'
import type { Actor } from '#kit/model'
import { entityTagsOf } from './conditional.ts'
import { type Answer, type Exchange, targetOf } from './exchange.ts'
import { clientAddress } from './middleware/client-address.ts'
import type { Values } from './request-parts.ts'
import type { ServiceContext } from './service.ts'
import type { Client, Route } from './types.ts'

/** A request that has come in and fits its declaration. */
export interface Asked {
  readonly exchange: Exchange
  readonly actor: Actor
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Values
  readonly body: unknown
}

/** Writes what must be kept together with the handler's writes. */
export type Store = (unit: Unit, answer: Answer) => Promise<void>

export type Perform = (asked: Asked, store?: Store) => Promise<Answer>

type AfterCommit = (action: () => void) => void
type Handler = (request: object) => unknown

/** Runs a route's handler and makes its answer: a GET on the reader, all else in one unit of work. */
export function compilePerform(route: Route, context: ServiceContext): Perform {
  const encode = compileEncode(route)
  if (route.method === 'GET') {
    const read = compileRead(route, context)
    return async (asked) => encode(await read(asked), asked.exchange)
  }
  const toRequest = compileRequest(route, context)
  const prepare = route.prepare as Handler | undefined
  const handle = route.handle as Handler
  const { database } = context
  const prepared = prepare
    ? (asked: Asked) => prepare(toRequest(asked, { executor: database.reader }))
    : undefined

  return async (asked, store) => {
    const value = prepared ? await prepared(asked) : undefined
    return database.write(route.name, async (unit) => {
      const request = toRequest(asked, {
        executor: unit,
        prepared: value,
        afterCommit: (action) => unit.afterCommit(action),
      })
      const answer = encode(await handle(request), asked.exchange)
      if (store) await store(unit, answer)
      return answer
    })
  }
}

/** What the handler of a GET answers, before it is encoded. */
export function compileRead(route: Route, context: ServiceContext): (asked: Asked) => unknown {
  const toRequest = compileRequest(route, context)
  const prepare = route.prepare as Handler | undefined
  const handle = route.handle as Handler
  const executor = context.database.reader
  // Nothing is committed by a read: what is to follow it follows at once.
  const within = (prepared: unknown) => ({ executor, prepared, afterCommit: runNow })
  if (!prepare) return (asked) => handle(toRequest(asked, within(undefined)))
  return async (asked) => {
    const prepared = await prepare(toRequest(asked, { executor }))
    return handle(toRequest(asked, within(prepared)))
  }
}

const runNow: AfterCommit = (action) => queueMicrotask(action)

interface Within {
  readonly executor: Executor
  readonly prepared?: unknown
  readonly afterCommit?: AfterCommit
}

/** Makes the one object that a handler gets. What costs something and is seldom used is made when asked for. */
function compileRequest(
  route: Route,
  context: ServiceContext,
): (asked: Asked, within: Within) => object {
  const preconditionOf = compilePrecondition(route)
  const bindings = { database: context.database, route }
  return (asked, within) => {
    const binding: Binding = {
      executor: within.executor,
      actor: asked.actor,
      nowMs: context.clock.nowMs,
      precondition: preconditionOf(asked),
      requestId: asked.exchange.requestId,
    }
    return new HandlerRequest(context, asked, { within, bound: bindRoute(bindings, binding) })
  }
}

interface Provided {
  readonly within: Within
  readonly bound: Bound
}

interface Bound {
  readonly db: BoundRepositories
  readonly everyone: BoundRepositories | undefined
  readonly system: BoundRepositories | undefined
}

function bindRoute(of: { database: Database; route: Route }, binding: Binding): Bound {
  const { database, route } = of
  return {
    db: bindRepositories(database, binding),
    everyone: route.access === 'admin' ? bindEveryone(database, binding) : undefined,
    system: route.system === undefined ? undefined : bindSystem(database, binding),
  }
}

/** Lives as long as its request. Its getters stand on the prototype, where they cost a request nothing. */
class HandlerRequest {
  readonly params: Asked['params']
  readonly query: Values
  readonly body: unknown
  readonly actor: Actor
  readonly db: BoundRepositories
  readonly everyone: BoundRepositories | undefined
  readonly system: BoundRepositories | undefined
  readonly prepared: unknown
  readonly afterCommit: AfterCommit | undefined
  readonly use: ServiceContext['use']
  readonly config: ServiceContext['config']
  readonly ids: ServiceContext['ids']
  readonly nowMs: () => number
  readonly #log: ServiceContext['log']
  readonly #exchange: Exchange

  constructor(context: ServiceContext, asked: Asked, { within, bound }: Provided) {
    this.params = asked.params
    this.query = asked.query
    this.body = asked.body
    this.actor = asked.actor
    this.db = bound.db
    this.everyone = bound.everyone
    this.system = bound.system
    this.prepared = within.prepared
    this.afterCommit = within.afterCommit
    this.use = context.use
    this.config = context.config
    this.ids = context.ids
    this.nowMs = context.clock.nowMs
    this.#log = context.log
    this.#exchange = asked.exchange
  }

  get log() {
    return this.#log.child({ request_id: this.#exchange.requestId })
  }

  get addHeaders() {
    const exchange = this.#exchange
    return (headers: Readonly<Record<string, string>>) => {
      exchange.added = { ...exchange.added, ...headers }
    }
  }

  get client(): Client {
    return toClient(this.#exchange, this.config.trustProxy)
  }
}

function toClient({ headers, peer, requestId }: Exchange, trustProxy: number): Client {
  return {
    address: clientAddress(headers, peer, trustProxy),
    userAgent: headers.get('user-agent'),
    requestId,
  }
}

/** `If-Match` of a write guards the row that the path names. */
function compilePrecondition(route: Route): (asked: Asked) => Binding['precondition'] {
  const model = entityOf(route)
  if (!model || route.method === 'GET') return () => undefined
  const { table } = model
  return ({ exchange, actor, params }) => {
    const tags = entityTagsOf(exchange.headers, 'if-match')
    return tags && { table, id: String(params['id'] ?? actor.id), tags }
  }
}

/** The model whose row the path's `id` names; without one, the actor's own row of a model whose rows own themselves. */
export function entityOf(route: Route) {
  const { entity, result } = route
  if (route.path.split('/').includes(':id'))
    return entity ?? (result.isPage ? undefined : result.model)
  const own = entity ?? (result.hasEntityTag ? result.model : undefined)
  return own?.owner === 'id' && route.access !== 'anyone' ? own : undefined
}

/** Turns what a handler returns into an answer. */
function compileEncode(route: Route): (value: unknown, exchange: Exchange) => Answer {
  const { status, result } = route
  const type = 'application/json'
  if (!result.hasEntityTag && !result.headers)
    return (value) => ({ status, type, body: JSON.stringify(result.encode(value)) })
  return (value, exchange) => {
    const body = JSON.stringify(result.encode(value))
    const own = result.headers?.(value, targetOf(exchange))
    if (!result.hasEntityTag) return { status, type, body, headers: own }
    const etag = entityTag(body)
    return { status, type, body, headers: own ? { ...own, etag } : { etag } }
  }
}
