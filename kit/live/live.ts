import { z } from 'zod'
import { invalidInput, Problem } from '#kit/core'
import {
  type AuthenticatorService,
  bearerTokenOf,
  defineRoute,
  defineService,
  type Result,
  type Route,
  type Service,
  type SignedIn,
} from '#kit/http'
import { type AnyModel, isAllowed } from '#kit/model'
import { LiveHub } from './hub.ts'

/** What an app needs for live updates. */
export interface Live {
  readonly service: Service<LiveHub>
  readonly route: Route
}

const mostModels = 20

/** Live updates of an app whose tool for accounts has this authenticator. */
export function createLive(authenticator: AuthenticatorService): Live {
  const service = defineService(
    'live updates',
    (context) => new LiveHub({ context, authenticator: context.use(authenticator) }),
  )
  return Object.freeze({ service, route: liveRoute(service) })
}

/** Somebody who is let in; he listens once his answer is made. */
interface Admitted {
  readonly hub: LiveHub
  readonly actor: SignedIn
  readonly models: readonly AnyModel[]
}

function liveRoute(service: Service<LiveHub>): Route {
  return defineRoute({
    name: 'live',
    summary: 'Hear of changes as they are committed',
    description:
      'Server-sent events. `ready` comes first: what is committed from then on is told. Each further event is JSON, `{ "model", "action": "create" | "change" | "remove", "id", "row" }`, as the caller sees it: a row that he can no longer read is removed. `reset` names models whose rows must be read anew. With `Last-Event-ID` what was missed is told first, or `reset` where that is not known any more.',
    access: 'user',
    method: 'GET',
    path: '/api/live',
    query: {
      models: z.string().meta({ description: 'Names of models, with commas: `task,item`' }),
    },
    result: events,
    problems: ['forbidden', 'rate_limited', 'unavailable'],
    prepare: async ({ use, query, actor }) => {
      const hub = use(service)
      const models = modelsNamed(query.models, hub.models)
      const closed = models.find(({ access }) => !isAllowed(actor, access.read))
      if (closed) throw new Problem('forbidden', `You may not read rows of "${closed.name}".`)
      await hub.prepare(actor.id)
      return { hub, models }
    },
    handle: ({ prepared, actor }) => ({ ...prepared, actor }),
  })
}

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Proxies would wait for more.
  'x-accel-buffering': 'no',
}

const events: Result<Admitted> = Object.freeze({
  schema: z.string(),
  model: undefined,
  hasEntityTag: false,
  isPage: false,
  encode: () => '',
  raw: {
    types: ['text/event-stream'],
    toAnswer: ({ hub, actor, models }: Admitted, request) => {
      const asked = {
        actor,
        models,
        token: bearerTokenOf(request.headers),
        lastEventId: request.headers.get('last-event-id') ?? undefined,
      }
      const body = request.method === 'HEAD' ? null : hub.open(asked)
      return { status: 200, type: undefined, body, headers }
    },
  },
} satisfies Result<Admitted>)

/** Throws `invalid` for names that are no model's, all at once. */
function modelsNamed(text: string, known: readonly AnyModel[]): AnyModel[] {
  const names = [...new Set(text.split(','))]
  const models = known.filter(({ name }) => names.includes(name))
  const unknown = names.filter((name) => !models.some((model) => model.name === name))
  if (unknown.length > 0)
    throw fault('unknown', `${unknown.slice(0, 3).map(quoted).join(', ')}: Is no model.`)
  if (models.length > mostModels) throw fault('too_big', `Must be at most ${mostModels} models.`)
  return models
}

function quoted(name: string): string {
  return `"${name.slice(0, 40)}"`
}

function fault(code: string, message: string): Problem {
  return invalidInput([{ path: 'models', code, message }])
}
