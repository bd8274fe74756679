import { backOfficeRoutes } from '#kit/admin'
import { callerOf, type Source } from '#kit/core'
import type { Route } from '#kit/http'
import type { Job } from '#kit/jobs'
import { createLive, type Live } from '#kit/live'
import type { AnyModel } from '#kit/model'
import type { Tool } from './define-tool.ts'
import { plinthTool } from './plinth-tool.ts'

export interface AppSpec {
  readonly name: string
  readonly version: string
  readonly tools: readonly Tool[]
}

/** An app as data: what it is made of, nothing of it running. */
export interface App {
  readonly name: string
  readonly version: string
  /** The kit's own tables first, then the tools in the order they were given: the order of migrations too. */
  readonly tools: readonly Tool[]
  /** The models of all tools. */
  readonly models: readonly AnyModel[]
  /** The routes of all tools. */
  readonly routes: readonly Route[]
  /** The jobs of all tools. */
  readonly jobs: readonly Job[]
  /** Undefined where nobody can sign in. */
  readonly live?: Live | undefined
  readonly source: Source
}

/** Puts tools together. Does nothing else: what is wrong with them is found by `checkApp`. */
export function createApp({ name, version, tools }: AppSpec): App {
  const { authenticator } = tools.find((tool) => tool.authenticator !== undefined) ?? {}
  const live = authenticator && createLive(authenticator)
  const all = [withBackOffice(withLive(plinthTool, live), tools), ...tools]
  return Object.freeze({
    name,
    version,
    tools: Object.freeze(all),
    models: Object.freeze(all.flatMap((tool) => tool.models)),
    routes: Object.freeze(all.flatMap((tool) => tool.routes)),
    jobs: Object.freeze(all.flatMap((tool) => tool.jobs)),
    live,
    source: callerOf(createApp),
  })
}

function withLive(kit: Tool, live: Live | undefined): Tool {
  return live ? Object.freeze({ ...kit, routes: Object.freeze([...kit.routes, live.route]) }) : kit
}

/** The kit's tool with the routes about all tools at once: where somebody can be an admin. */
function withBackOffice(kit: Tool, tools: readonly Tool[]): Tool {
  if (tools.every(({ authenticator }) => authenticator === undefined)) return kit
  const routes = [...kit.routes, ...backOfficeRoutes([kit, ...tools])]
  return Object.freeze({ ...kit, invalid: 400, routes: Object.freeze(routes) })
}
