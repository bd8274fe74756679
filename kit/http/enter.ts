import { Problem } from '#kit/core'
import { type Actor, anonymous, isAllowed } from '#kit/model'
import type { Exchange } from './exchange.ts'
import { bearerTokenOf } from './middleware/bearer.ts'
import type { RawParams } from './request-parts.ts'
import type { Authenticated, Authenticator, Route, SignedIn } from './types.ts'

/** Who comes in. Throws `unauthenticated`, `forbidden`, or what holds the caller up. */
export type Enter = (exchange: Exchange, raw: RawParams) => Actor | Promise<Actor>

/** The door of one route. A route for anyone does not look at tokens. */
export function compileEnter(route: Route, authenticator: Authenticator | undefined): Enter {
  if (route.access === 'anyone') return () => anonymous
  if (!authenticator) return refuseAll
  return (exchange, raw) => {
    const found = authenticator.authenticate(bearerTokenOf(exchange.headers))
    return found instanceof Promise
      ? found.then((authenticated) => admit(route, authenticated, raw))
      : admit(route, found, raw)
  }
}

function refuseAll(): never {
  throw new Problem('unauthenticated', 'This server has no accounts.')
}

function admit(route: Route, { actor, hold }: Authenticated, raw: RawParams): Actor {
  if (hold !== undefined && !route.isAllowedOnHold) throw hold
  if (!isAllowed(actor, route.access))
    throw new Problem('forbidden', `This needs the role "${route.access}".`)
  if (route.self !== undefined) {
    const named = raw[route.self]
    if (named !== actor.id && named !== 'me' && !isSubject(named, actor))
      throw new Problem('forbidden', `The path names another user: use your own id, or "me".`)
  }
  return actor
}

/** Clients of another issuer know themselves by the name that it gave them. */
function isSubject(named: string | undefined, { subject }: SignedIn): boolean {
  return subject !== undefined && (named === subject || named === encodeURIComponent(subject))
}
