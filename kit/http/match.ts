import { addRoute, createRouter } from 'rou3'
import { compileRouter } from 'rou3/compiler'
import type { RawParams } from './request-parts.ts'

/** What answers at a method and path; `:name` in a path stands for one segment that is not empty. */
export interface Place<T> {
  readonly method: string
  readonly path: string
  readonly target: T
}

export interface Match<T> {
  readonly target: T
  readonly raw: RawParams
}

const noParams: RawParams = Object.freeze({})

/**
 * Finds the place of a request, its parameters as they stand in the path. A fixed word goes before a parameter. A slash
 * at the end makes another path, at which there is nothing.
 */
export function compileMatch<T>(
  places: readonly Place<T>[],
): (method: string, path: string) => Match<T> | undefined {
  const router = createRouter<Match<T>>()
  for (const { method, path, target } of places)
    addRoute(router, method, path, { target, raw: noParams })
  const find = compileRouter(router)
  return (method, path) => {
    if (path.endsWith('/') && path !== '/') return undefined
    const found = find(method, path)
    return found?.params ? { target: found.data.target, raw: found.params } : found?.data
  }
}
