import { type Clock, type Log, Problem } from '#kit/core'
import type { Authenticator, ServiceOverride } from '#kit/http'
import type { App } from './create-app.ts'
import type { DemoSend } from './demo.ts'
import { type OpenApp, type OpenAppOptions, openApp } from './open-app.ts'

/** A clock that goes forward when it is told to, and never back. */
export interface MovedClock extends Clock {
  readonly moveTo: (ms: number) => void
}

export function createMovedClock(startMs: number): MovedClock {
  let now = startMs
  return {
    nowMs: () => now,
    moveTo: (ms) => {
      now = Math.max(now, ms)
    },
  }
}

/** An app in which whoever is named is believed. It is reached by no socket. */
export interface DemoStage {
  readonly opened: OpenApp
  readonly send: DemoSend
  /** How many requests were sent. */
  readonly count: () => number
}

export interface StageOptions extends Pick<OpenAppOptions, 'config' | 'overrides'> {
  readonly log: Log
  readonly clock: MovedClock
}

/** How long people take from one request to the next. */
const paceMs = 6000

export async function openStage(
  app: App,
  { config, log, clock, overrides = [] }: StageOptions,
): Promise<DemoStage> {
  const cast: Cast = { opened: undefined }
  const options = { config, log, clock, overrides: [...believing(app, cast), ...overrides] }
  const opened = await openApp(app, options)
  const usernameOf = (who: string) => (who === 'admin' ? config.adminUsername : who)
  cast.opened = opened
  let count = 0
  return {
    opened,
    count: () => count,
    send: async (who, line, body) => {
      count += 1
      clock.moveTo(clock.nowMs() + paceMs)
      const answer = await opened.http.fetch(
        toRequest(usernameOf(who), line, body),
        () => '127.0.0.1',
      )
      const text = await answer.text()
      if (answer.ok) return JSON.parse(text)
      throw new Problem('internal', `The demo's ${line} as ${who} answered ${answer.status}.`, {
        cause: new Error(text),
      })
    },
  }
}

interface Cast {
  opened: OpenApp | undefined
}

/** The token is the username. */
function believing({ tools }: App, cast: Cast): ServiceOverride[] {
  const service = tools.find((tool) => tool.authenticator !== undefined)?.authenticator
  const actorNamed = tools.find((tool) => tool.actorNamed !== undefined)?.actorNamed
  if (!service || !actorNamed) return []
  const authenticator: Authenticator = {
    authenticate: async (name) => {
      const context = cast.opened?.context
      const actor = context && (await actorNamed(context, name))
      if (!actor?.id || !actor.role)
        throw new Problem('unauthenticated', `There is nobody called ${name}.`)
      return { actor: { id: actor.id, role: actor.role, sessionId: 'demo' } }
    },
  }
  return [[service, authenticator]]
}

function toRequest(who: string, line: string, body: unknown): Request {
  const space = line.indexOf(' ')
  const headers = new Headers({ authorization: `Bearer ${who}` })
  if (body !== undefined) headers.set('content-type', 'application/json')
  return new Request(`http://localhost${line.slice(space + 1)}`, {
    method: line.slice(0, space),
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}
