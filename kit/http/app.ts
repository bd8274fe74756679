import { UnsupportedPathError } from 'hono/router'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { createDocsPages } from './docs-page/docs-pages.ts'
import { type Answer, type Exchange, type Peer, toExchange } from './exchange.ts'
import { createIdempotency } from './idempotency.ts'
import { createTimeLimit } from './middleware/time-limit.ts'
import { toOpenApi } from './openapi.ts'
import { compilePipeline } from './pipeline.ts'
import { toProblem, toProblemAnswer } from './problem-answer.ts'
import { createPublicTool, type Identity } from './public-routes.ts'
import type { RawParams } from './request-parts.ts'
import { createRespond } from './respond.ts'
import type { ServiceContext } from './service.ts'
import type { Authenticator, HttpTool } from './types.ts'
import { answerUnmatched } from './unmatched.ts'

export interface HttpAppOptions extends Identity {
  readonly tools: readonly HttpTool[]
  readonly context: ServiceContext
  /** Undefined where there are no accounts: then only routes for anyone answer. */
  readonly authenticator: Authenticator | undefined
  /** Throws `unavailable` while the app cannot serve. */
  readonly isReady: () => Promise<void>
  /** How long a request may take. Default: 30 s. */
  readonly timeLimitMs?: number
}

export interface HttpApp {
  /** Answers a request; never throws or rejects. */
  readonly fetch: (request: Request, peer?: Peer) => Response | Promise<Response>
  /** The OpenAPI document, made at its first use. */
  readonly openApi: () => object
  /** Ends its timer. */
  readonly close: () => void
}

/** What answers at a path and method. */
interface Target {
  /** The status of invalid input. */
  readonly invalid: number
  readonly answer: (exchange: Exchange, raw: RawParams) => Answer | Promise<Answer>
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const usualLimitMs = 30_000
const noParams: RawParams = Object.freeze({})

/** The HTTP side of an app: everything that is the same for all requests, worked out once. */
export function createHttpApp(options: HttpAppOptions): HttpApp {
  const { context, timeLimitMs = usualLimitMs } = options
  const tools = [createPublicTool(options, options.isReady), ...options.tools]
  const openApi = once(() => toOpenApi(options, tools))
  const match = createMatch(toTargets(options, tools, openApi))
  const finish = createFinish(context)
  const limit = createTimeLimit(timeLimitMs, () => performance.now())
  const timer = setInterval(limit.sweep, Math.min(1000, timeLimitMs))
  timer.unref()
  return {
    fetch: (request, peer) => {
      const exchange = toExchange(request, context.ids, peer)
      const { target, raw } = match(exchange)
      try {
        const answer = target.answer(exchange, raw)
        if (!(answer instanceof Promise)) return finish.answer(exchange, answer)
        return limit.run(answer).then(
          (done) => finish.answer(exchange, done),
          (error: unknown) => finish.failure(exchange, error, target.invalid),
        )
      } catch (error) {
        return finish.failure(exchange, error, target.invalid)
      }
    },
    openApi,
    close: () => clearInterval(timer),
  }
}

interface Place {
  readonly method: string
  readonly path: string
  readonly target: Target
}

function toTargets(
  options: HttpAppOptions,
  tools: readonly HttpTool[],
  openApi: () => object,
): Place[] {
  const { context, authenticator } = options
  const parts = { context, authenticator, idempotency: createIdempotency(context) }
  const routes = tools.flatMap(({ invalid, routes }) =>
    routes.map((route) => ({
      method: route.method as string,
      path: route.path,
      target: { invalid, answer: compilePipeline(route, parts) },
    })),
  )
  if (!context.config.docs) return routes
  const pages = createDocsPages(options.name, openApi).map(({ path, answer }) => ({
    method: 'GET',
    path,
    target: { invalid: 422, answer },
  }))
  return [...routes, ...pages]
}

interface Match {
  readonly target: Target
  readonly raw: RawParams
}

function createMatch(places: readonly Place[]): (exchange: Exchange) => Match {
  const routers = toRouters(places)
  const find = (method: string, path: string) => {
    for (const router of routers) {
      const found = findIn(router, method, path)
      if (found) return found
    }
    return undefined
  }
  const unmatched: Match = {
    raw: noParams,
    target: {
      invalid: 422,
      answer: (exchange) =>
        answerUnmatched(
          exchange,
          methods.filter((method) => find(method, exchange.path)),
        ),
    },
  }
  return ({ method, path }) => find(method === 'HEAD' ? 'GET' : method, path) ?? unmatched
}

/**
 * Hono's fastest router takes no patterns that overlap (`/api/:user_id/tasks`, `/api/items/:id`): what does
 * not fit into one goes to the next. They are asked in order, so that the first declared comes first.
 */
function toRouters(places: readonly Place[]): RegExpRouter<Target>[] {
  const groups: Place[][] = [[]]
  for (const place of places) {
    const last = groups.at(-1) ?? []
    if (toRouter([...last, place])) last.push(place)
    else groups.push([place])
  }
  return groups.map((group) => toRouter(group)).filter((router) => router !== undefined)
}

/** Undefined where patterns overlap. */
function toRouter(places: readonly Place[]): RegExpRouter<Target> | undefined {
  const router = new RegExpRouter<Target>()
  try {
    for (const { method, path, target } of places) router.add(method, path, target)
    return router
  } catch (error) {
    if (error instanceof UnsupportedPathError) return undefined
    throw error
  }
}

function findIn(router: RegExpRouter<Target>, method: string, path: string): Match | undefined {
  const [[first], values] = router.match(method, path)
  if (!first) return undefined
  const [target, places] = first
  const raw: Record<string, string> = {}
  for (const name in places) raw[name] = values?.[Number(places[name])] ?? ''
  return { target, raw }
}

interface Finish {
  readonly answer: (exchange: Exchange, answer: Answer) => Response
  readonly failure: (exchange: Exchange, error: unknown, invalidStatus: number) => Response
}

/** Makes the response and, where it is asked for, a line in the log. */
function createFinish({ config, log }: ServiceContext): Finish {
  const respond = createRespond(config)
  const answer: Finish['answer'] = (exchange, given) => {
    if (log.isLevelEnabled('debug')) {
      const { method, path, requestId } = exchange
      log.debug({ request_id: requestId, method, path, status: given.status }, 'Answered.')
    }
    return respond(exchange, given)
  }
  return {
    answer,
    failure: (exchange, error, invalidStatus) => {
      const problem = toProblem(error, exchange, log)
      return answer(exchange, toProblemAnswer(problem, exchange.requestId, invalidStatus))
    },
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
