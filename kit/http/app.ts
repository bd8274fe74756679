import { createDocsPages } from './docs-page/docs-pages.ts'
import { type Answer, type Exchange, type Peer, toExchange } from './exchange.ts'
import { createIdempotency } from './idempotency.ts'
import { compileMatch, type Place } from './match.ts'
import { createTimeLimits, type TimeLimit, type TimeLimits } from './middleware/time-limit.ts'
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
  readonly limit: TimeLimit
  readonly answer: (exchange: Exchange, raw: RawParams) => Answer | Promise<Answer>
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const usualLimitMs = 30_000

/** The HTTP side of an app: everything that is the same for all requests, worked out once. */
export function createHttpApp(options: HttpAppOptions): HttpApp {
  const { context, timeLimitMs = usualLimitMs } = options
  const tools = [createPublicTool(options, options.isReady), ...options.tools]
  const openApi = once(() => toOpenApi(options, tools))
  const limits = createTimeLimits(timeLimitMs, () => performance.now())
  const find = createFind(toTargets({ ...options, limits }, tools, openApi), limits)
  const finish = createFinish(context)
  const timer = setInterval(limits.sweep, Math.min(1000, timeLimitMs))
  timer.unref()
  return {
    fetch: (request, peer) => {
      const exchange = toExchange(request, context.ids, peer)
      const { target, raw } = find(exchange)
      try {
        const answer = target.answer(exchange, raw)
        if (!(answer instanceof Promise)) return finish.answer(exchange, answer)
        return target.limit.run(answer, {
          done: (done) => finish.answer(exchange, done),
          failed: (error) => finish.failure(exchange, error, target.invalid),
        })
      } catch (error) {
        return finish.failure(exchange, error, target.invalid)
      }
    },
    openApi,
    close: () => clearInterval(timer),
  }
}

function toTargets(
  options: HttpAppOptions & { readonly limits: TimeLimits },
  tools: readonly HttpTool[],
  openApi: () => object,
): Place<Target>[] {
  const { context, authenticator, limits } = options
  const parts = { context, authenticator, idempotency: createIdempotency(context) }
  const routes = tools.flatMap(({ invalid, routes }) =>
    routes.map((route) => ({
      method: route.method as string,
      path: route.path,
      target: {
        invalid,
        limit: limits.of(route.form?.limitMs),
        answer: compilePipeline(route, parts),
      },
    })),
  )
  if (!context.config.docs) return routes
  const pages = createDocsPages(options.name, openApi).map(({ path, answer }) => ({
    method: 'GET',
    path,
    target: { invalid: 422, limit: limits.of(undefined), answer },
  }))
  return [...routes, ...pages]
}

interface Found {
  readonly target: Target
  readonly raw: RawParams
}

function createFind(
  places: readonly Place<Target>[],
  limits: TimeLimits,
): (exchange: Exchange) => Found {
  const match = compileMatch(places)
  const unmatched: Found = {
    raw: {},
    target: {
      invalid: 422,
      limit: limits.of(undefined),
      answer: (exchange) =>
        answerUnmatched(
          exchange,
          methods.filter((method) => match(method, exchange.path)),
        ),
    },
  }
  return ({ method, path }) => match(method === 'HEAD' ? 'GET' : method, path) ?? unmatched
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
