import { settled } from '#kit/core'
import {
  type Awaitable,
  type Binding,
  type BoundRepositories,
  bindEveryone,
  bindRepositories,
  bindSystem,
  type Executor,
  entityTag,
  type Unit,
} from '#kit/db'
import type { Actor } from '#kit/model'
import { entityTagsOf } from './conditional.ts'
import { droppedFiles } from './dropped-files.ts'
import { type Answer, type Exchange, targetOf } from './exchange.ts'
import { clientAddress } from './middleware/client-address.ts'
import { compileAddNames } from './people.ts'
import { paramNamesOf, type Values } from './request-parts.ts'
import type { ServiceContext } from './service.ts'
import type { Client, PeoplePart, Route } from './types.ts'

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

export type Perform = (asked: Asked, store?: Store) => Awaitable<Answer>

type AfterCommit = (action: () => void) => void
type Handler = (request: object) => unknown

/** Runs a route's handler and makes its answer: a GET on the reader, all else in one unit of work. */
export function compilePerform(route: Route, context: ServiceContext): Perform {
  return route.method === 'GET' ? compileGet(route, context) : compileWrite(route, context)
}

/** Answers at once where all that it needs is at hand, as on SQLite. */
function compileGet(route: Route, context: ServiceContext): Perform {
  const encode = compileEncode(route, context)
  const read = compileRead(route, context)
  const { reader } = context.database
  return (asked) => {
    const value = settled(read(asked))
    return value instanceof Promise
      ? value.then((done) => encode(done, asked.exchange, reader))
      : encode(value, asked.exchange, reader)
  }
}

function compileWrite(route: Route, context: ServiceContext): Perform {
  const scene = toScene(route, context)
  const encode = compileEncode(route, context)
  const prepare = compilePrepare(route, scene)
  const handle = route.handle as Handler
  const abandon = route.abandon as Abandon | undefined
  const { database } = context
  return async (asked, store) => {
    const prepared = prepare ? await prepare(asked) : undefined
    const written = database.write(route.name, (executor) => {
      const afterCommit: AfterCommit = (action) => executor.afterCommit(action)
      const request = new HandlerRequest(scene, asked, { executor, prepared, afterCommit })
      const keep = (encoded: Answer) =>
        store ? store(executor, encoded).then(() => encoded) : encoded
      const answer = (value: unknown) => {
        const encoded = encode(value, asked.exchange, executor)
        if (encoded instanceof Promise) return encoded.then(keep)
        return keep(encoded)
      }
      const value = settled(handle(request))
      return value instanceof Promise ? value.then(answer) : answer(value)
    })
    return abandon ? written.catch((error) => throwAbandoned(abandon, prepared, error)) : written
  }
}

type Abandon = (prepared: unknown, error: unknown) => void

function throwAbandoned(abandon: Abandon, prepared: unknown, error: unknown): never {
  abandon(prepared, error)
  throw error
}

/** What the handler of a GET answers, before it is encoded. */
export function compileRead(route: Route, context: ServiceContext): (asked: Asked) => unknown {
  const scene = toScene(route, context)
  const prepare = compilePrepare(route, scene)
  const handle = route.handle as Handler
  const { reader: executor } = context.database
  // Nothing is committed by a read: what is to follow it follows at once.
  const within = { executor, prepared: undefined, afterCommit: runNow }
  if (!prepare) return (asked) => handle(new HandlerRequest(scene, asked, within))
  return async (asked) => {
    const prepared = await prepare(asked)
    return handle(new HandlerRequest(scene, asked, { ...within, prepared }))
  }
}

function compilePrepare(route: Route, scene: Scene): ((asked: Asked) => unknown) | undefined {
  const prepare = route.prepare as Handler | undefined
  const { reader: executor } = scene.context.database
  return prepare && ((asked) => prepare(new HandlerRequest(scene, asked, { executor })))
}

const runNow: AfterCommit = (action) => queueMicrotask(action)

/** What is the same for all requests of a route. */
interface Scene {
  readonly route: Route
  readonly context: ServiceContext
  readonly preconditionOf: (asked: Asked) => Binding['precondition']
  readonly onDropped: Binding['onDropped']
}

function toScene(route: Route, context: ServiceContext): Scene {
  const onDropped = route.method === 'GET' ? undefined : context.use(droppedFiles)
  return { route, context, preconditionOf: compilePrecondition(route), onDropped }
}

interface Within {
  readonly executor: Executor
  readonly prepared?: unknown
  readonly afterCommit?: AfterCommit
}

/**
 * The one object that a handler gets. It lives as long as its request; what is seldom used is made when it is asked
 * for, by getters on the prototype, where they cost a request nothing.
 */
class HandlerRequest {
  readonly params: Asked['params']
  readonly query: Values
  readonly body: unknown
  readonly actor: Actor
  readonly prepared: unknown
  readonly afterCommit: AfterCommit | undefined
  readonly #scene: Scene
  readonly #asked: Asked
  readonly #executor: Executor
  #db: BoundRepositories | undefined

  constructor(scene: Scene, asked: Asked, { executor, prepared, afterCommit }: Within) {
    this.params = asked.params
    this.query = asked.query
    this.body = asked.body
    this.actor = asked.actor
    this.prepared = prepared
    this.afterCommit = afterCommit
    this.#scene = scene
    this.#asked = asked
    this.#executor = executor
  }

  get db(): BoundRepositories {
    this.#db ??= bindRepositories(this.#scene.context.database, this.#binding())
    return this.#db
  }

  get everyone(): BoundRepositories | undefined {
    const { route, context } = this.#scene
    return route.access === 'admin' ? bindEveryone(context.database, this.#binding()) : undefined
  }

  get system(): BoundRepositories | undefined {
    const { route, context } = this.#scene
    return route.system === undefined ? undefined : bindSystem(context.database, this.#binding())
  }

  get use(): ServiceContext['use'] {
    return this.#scene.context.use
  }

  get config(): ServiceContext['config'] {
    return this.#scene.context.config
  }

  get ids(): ServiceContext['ids'] {
    return this.#scene.context.ids
  }

  get nowMs(): () => number {
    return this.#scene.context.clock.nowMs
  }

  get log() {
    return this.#scene.context.log.child({ request_id: this.#asked.exchange.requestId })
  }

  get addHeaders() {
    const { exchange } = this.#asked
    return (headers: Readonly<Record<string, string>>) => {
      exchange.added = { ...exchange.added, ...headers }
    }
  }

  get client(): Client {
    return toClient(this.#asked.exchange, this.config.trustProxy)
  }

  #binding(): Binding {
    return {
      executor: this.#executor,
      actor: this.actor,
      nowMs: this.nowMs,
      precondition: this.#scene.preconditionOf(this.#asked),
      onDropped: this.#scene.onDropped,
      requestId: this.#asked.exchange.requestId,
    }
  }
}

function toClient({ headers, peer, requestId }: Exchange, trustProxy: number): Client {
  return {
    address: clientAddress(headers, peer, trustProxy),
    userAgent: headers.get('user-agent'),
    requestId,
  }
}

/** `If-Match` of a write guards the row that the path names, in whatever way. */
function compilePrecondition(route: Route): (asked: Asked) => Binding['precondition'] {
  const model = entityOf(route)
  if (!model || route.method === 'GET') return () => undefined
  const { table, owner } = model
  const isOwn = owner === 'id'
  return ({ exchange, actor, params }) => {
    const tags = entityTagsOf(exchange.headers, 'if-match')
    const id = params['id'] ?? (isOwn ? actor.id : undefined)
    return tags && { table, id: id === undefined ? undefined : String(id), tags }
  }
}

/**
 * The model whose row the path's `id` names; without one, the model that the route declares, or the actor's own row of a
 * model whose rows own themselves.
 */
export function entityOf(route: Route) {
  const { entity, result } = route
  if (route.path.split('/').includes(':id'))
    return entity ?? (result.isPage ? undefined : result.model)
  if (entity && entity.owner !== 'id' && namesARow(route)) return entity
  const own = entity ?? (result.hasEntityTag ? result.model : undefined)
  return own?.owner === 'id' && route.access !== 'anyone' ? own : undefined
}

function namesARow({ path, self }: Route): boolean {
  return paramNamesOf(path).some((name) => name !== self)
}

type Encode = (value: unknown, exchange: Exchange, executor: Executor) => Awaitable<Answer>

/** Turns what a handler returns into an answer. */
function compileEncode(route: Route, context: ServiceContext): Encode {
  if (route.result.people) return compileEncodeNamed(route, context, route.result.people)
  const { result } = route
  const { raw } = result
  if (raw) return (value, exchange) => raw.toAnswer(value, exchange)
  const type = 'application/json'
  if (!result.hasEntityTag && !result.headers && !result.status)
    return (value) => ({
      status: route.status,
      type,
      body: JSON.stringify(result.encode(value)),
    })
  return (value, exchange) => {
    const status = result.status?.of(value) ?? route.status
    const body = JSON.stringify(result.encode(value))
    const own = result.headers?.(value, targetOf(exchange))
    if (!result.hasEntityTag) return { status, type, body, headers: own }
    const etag = entityTag(body)
    return { status, type, body, headers: own ? { ...own, etag } : { etag } }
  }
}

/** The entity tag is that of the row alone: a change of somebody's name is none of the row. */
function compileEncodeNamed(
  route: Route,
  context: ServiceContext,
  people: readonly PeoplePart[],
): Encode {
  const { result } = route
  const addNames = compileAddNames(people, context)
  return async (value, exchange, executor) => {
    const status = result.status?.of(value) ?? route.status
    const shown = result.encode(value)
    const own = result.headers?.(value, targetOf(exchange))
    const tag = result.hasEntityTag ? { etag: entityTag(JSON.stringify(shown)) } : undefined
    await addNames(shown, executor)
    const headers = own || tag ? { ...own, ...tag } : undefined
    return { status, type: 'application/json', body: JSON.stringify(shown), headers }
  }
}
