import { formatSource, type Source } from '#kit/core'
import { type AnyModel, accessWord, isWider, toInputSchema, toPatchSchema } from '#kit/model'
import { publicPaths } from './public-routes.ts'
import { paramNamesOf } from './request-parts.ts'
import type { Route } from './types.ts'

export interface RouteFault {
  readonly source: Source
  readonly message: string
}

type Check = (routes: readonly Route[], models: readonly AnyModel[]) => RouteFault[]

export interface CheckedTool {
  readonly routes: readonly Route[]
  /** Those that a body may be made of. */
  readonly models?: readonly AnyModel[]
}

/** Every fault of the routes that would be met at run time or let somebody in who may not: all at once. */
export function checkRoutes(tools: readonly CheckedTool[]): RouteFault[] {
  const routes = tools.flatMap((tool) => tool.routes)
  const models = tools.flatMap((tool) => tool.models ?? [])
  return checks.flatMap((check) => check(routes, models))
}

const checks: readonly Check[] = [
  eachLater(overlapFault),
  eachLater((earlier, later) =>
    earlier.name === later.name
      ? `The name ${later.name} is taken by ${placeOf(earlier)}.`
      : undefined,
  ),
  each(reservedFault),
  each(prefixFault),
  each(accessFault),
  eachOf(unreachableFaults),
  each((route) =>
    route.self !== undefined && route.access === 'anyone'
      ? `"self" needs somebody who is signed in: its access cannot be "anyone".`
      : undefined,
  ),
  each((route) =>
    route.method === 'GET' && route.body ? 'A GET has no body: use query.' : undefined,
  ),
]

function each(find: (route: Route, models: readonly AnyModel[]) => string | undefined): Check {
  return eachOf((route, models) => [find(route, models)].filter((text) => text !== undefined))
}

function eachOf(find: (route: Route, models: readonly AnyModel[]) => string[]): Check {
  return (routes, models) =>
    routes.flatMap((route) => find(route, models).map((text) => toFault(route, text)))
}

/** Compares each route with those before it; the later one is at fault. */
function eachLater(find: (earlier: Route, later: Route) => string | undefined): Check {
  return (routes) =>
    routes.flatMap((later, at) => {
      for (const earlier of routes.slice(0, at)) {
        const text = find(earlier, later)
        if (text) return [toFault(later, text)]
      }
      return []
    })
}

function toFault(route: Route, text: string): RouteFault {
  return { source: route.source, message: `${route.method} ${route.path} (${route.name}): ${text}` }
}

function placeOf(route: Route): string {
  return `${route.method} ${route.path} at ${formatSource(route.source)}`
}

function overlapFault(earlier: Route, later: Route): string | undefined {
  if (earlier.method !== later.method || !covers(earlier.path, later.path)) return undefined
  return covers(later.path, earlier.path)
    ? `Is declared twice: ${placeOf(earlier)} is the same.`
    : `Is never reached: ${placeOf(earlier)} comes first and takes it. Declare this one before it.`
}

/** Whether every path that fits the second pattern fits the first. */
function covers(pattern: string, other: string): boolean {
  const parts = pattern.split('/')
  const others = other.split('/')
  return (
    parts.length === others.length &&
    parts.every((part, at) => part.startsWith(':') || part === others[at])
  )
}

const reserved = new Set<string>(Object.values(publicPaths))

function reservedFault({ path }: Route): string | undefined {
  return reserved.has(path) ? 'This path is answered by the kit itself.' : undefined
}

function prefixFault({ path }: Route): string | undefined {
  const parts = path.split('/').slice(1)
  const doubled = parts.find((part, at) => part !== '' && part === parts[at + 1])
  return doubled && `The path repeats "${doubled}": a prefix was put before it twice.`
}

function accessFault(route: Route, models: readonly AnyModel[]): string | undefined {
  const shown = [route.result.model, route.entity].filter((model) => model !== undefined)
  const read = shown.find((model) => isWider(route.access, model.access.read))
  if (read) return tooWide(route, `reading ${read.name}`, accessWord(read.access.read))
  if (route.method === 'GET') return undefined
  const written = models.filter(
    (model) => route.body === toInputSchema(model) || route.body === toPatchSchema(model),
  )
  const write = [...shown, ...written].find((model) => isWider(route.access, model.access.write))
  return write && tooWide(route, `writing ${write.name}`, accessWord(write.access.write))
}

function tooWide(route: Route, what: string, needed: string): string {
  return `Its access "${route.access}" lets in more than ${what} allows ("${needed}").`
}

function unreachableFaults(route: Route): string[] {
  const names = paramNamesOf(route.path)
  return [...Object.keys(route.params), ...(route.self === undefined ? [] : [route.self])]
    .filter((name) => !names.includes(name))
    .map((name) => `Its path has no parameter ":${name}".`)
}
