import type { z } from 'zod'
import { type Fault, invalidInput, Problem, parse } from '#kit/core'
import type { Awaitable } from '#kit/db'
import { type Actor, modelOfBody, refusedFields } from '#kit/model'
import { isKnown } from './conditional.ts'
import { compileEnter } from './enter.ts'
import type { Answer, Exchange } from './exchange.ts'
import { type Idempotency, idempotencyKeyOf } from './idempotency.ts'
import { type Asked, compilePerform, type Perform } from './perform.ts'
import { assertLength, parseBody, readBytes } from './request-body.ts'
import { compileParams, compileQuery, type RawParams } from './request-parts.ts'
import type { ServiceContext } from './service.ts'
import type { Authenticator, Route } from './types.ts'
import { withForms } from './with-forms.ts'

/** Answers one request of a route, its path's parameters as they stand in the URL. */
export type Pipeline = (exchange: Exchange, raw: RawParams) => Awaitable<Answer>

export interface PipelineParts {
  readonly context: ServiceContext
  readonly authenticator: Authenticator | undefined
  readonly idempotency: Idempotency
}

/** Everything that can be worked out before the first request of a route, worked out. */
export function compilePipeline(route: Route, parts: PipelineParts): Pipeline {
  const enter = compileEnter(route, parts.authenticator)
  const toParams = compileParams(route)
  const toQuery = compileQuery(route.query)
  const takeBody = compileBody(route)
  const performJson = withIdempotency(route, parts, compilePerform(route, parts.context))
  const perform = withForms(route, parts.context, performJson)
  const unlessSame = compileUnlessKnown(route)
  const { self } = route

  const paramsFor = (raw: RawParams, actor: Actor) => {
    const params = toParams(raw)
    if (self !== undefined) params[self] = actor.id
    return params
  }

  const read = (exchange: Exchange, raw: RawParams, actor: Actor): Awaitable<Answer> => {
    const params = paramsFor(raw, actor)
    const faults: Fault[] = []
    const query = toQuery(exchange.search, faults)
    if (faults.length > 0) throw invalidInput(faults)
    const answer = perform({ exchange, actor, params, query, body: undefined }, noBody.bytes)
    return answer instanceof Promise
      ? answer.then((done) => unlessSame(exchange, done))
      : unlessSame(exchange, answer)
  }

  const write = async (exchange: Exchange, raw: RawParams, actor: Actor): Promise<Answer> => {
    const params = paramsFor(raw, actor)
    const faults: Fault[] = []
    const query = toQuery(exchange.search, faults)
    const { body, bytes } = takeBody ? await takeBody(exchange, actor, faults) : noBody
    if (faults.length > 0) throw invalidInput(faults)
    return perform({ exchange, actor, params, query, body }, bytes)
  }

  const proceed = route.method === 'GET' ? read : write
  return (exchange, raw) => {
    const entered = enter(exchange, raw)
    return entered instanceof Promise
      ? entered.then((actor) => proceed(exchange, raw, actor))
      : proceed(exchange, raw, entered)
  }
}

interface Taken {
  readonly body: unknown
  readonly bytes: Uint8Array
}

const noBody: Taken = Object.freeze({ body: undefined, bytes: new Uint8Array() })

type TakeBody = (exchange: Exchange, actor: Actor, faults: Fault[]) => Promise<Taken>

/** Reads the body where the route has one, or where it is part of what an idempotency key stands for. */
function compileBody(route: Route): TakeBody | undefined {
  const { body: schema, form, method } = route
  if (method === 'GET') return undefined
  if (form)
    return async ({ request, headers }) => {
      form.assertFits(headers)
      if (form.isStreamed) return { body: { stream: request.body, headers }, bytes: noBody.bytes }
      const bytes = await readBytes(request, headers, form.mostBytes)
      return { body: bytes, bytes }
    }
  if (!schema)
    return async ({ request, headers }) => {
      if (!headers.has('idempotency-key')) assertLength(headers)
      else return { body: undefined, bytes: await readBytes(request, headers) }
      return noBody
    }
  const refusedTo = compileRefused(schema)
  return async ({ request, headers }, actor, faults) => {
    const bytes = await readBytes(request, headers)
    const value = parseBody(bytes, headers)
    const parsed = parse(schema, value)
    const refused = refusedTo?.(actor, value) ?? []
    if (parsed.ok && refused.length === 0) return { body: parsed.value, bytes }
    if (value === undefined) throw new Problem('malformed', 'A JSON body is required.')
    faults.push(...(parsed.ok ? [] : parsed.errors), ...refused)
    return noBody
  }
}

type Refused = (actor: Actor, body: unknown) => readonly Fault[]

/** The repository refuses such fields too; here they are told together with all else that is wrong. */
function compileRefused(schema: z.ZodType): Refused | undefined {
  const model = modelOfBody(schema)
  if (!model || !Object.values(model.fields).some(({ spec }) => spec.writableBy)) return undefined
  return ({ role }, body) =>
    typeof body === 'object' && body !== null ? refusedFields(model, role, { ...body }) : []
}

/** Only a POST by somebody has keys: there is nobody to keep an anonymous one for. */
function withIdempotency(
  route: Route,
  { idempotency }: PipelineParts,
  perform: Perform,
): (asked: Asked, bytes: Uint8Array) => Awaitable<Answer> {
  if (route.method !== 'POST' || route.access === 'anyone') return (asked) => perform(asked)
  return async (asked, bytes) => {
    const { exchange, actor, params } = asked
    const key = idempotencyKeyOf(exchange.headers)
    if (key === undefined || actor.id === null) return perform(asked)
    const fingerprint = idempotency.fingerprintOf(params, exchange.search, bytes)
    const keyed = { actorId: actor.id, route: route.name, key, fingerprint }
    return idempotency.run(keyed, async (store) => perform(asked, store))
  }
}

/** 304 for who has this version already, where the entity tag is that of the whole answer. */
function compileUnlessKnown({ result }: Route) {
  return result.tagsPart ? (_: Exchange, answer: Answer) => answer : unlessKnown
}

function unlessKnown(exchange: Exchange, answer: Answer): Answer {
  const etag = answer.headers?.['etag']
  if (etag === undefined || !isKnown(exchange.headers, etag)) return answer
  return { status: 304, type: undefined, body: null, headers: answer.headers }
}
