import { type ProblemCode, type ProblemKind, problemKinds } from '#kit/core'
import { keyReused } from './idempotency.ts'
import { entityOf } from './perform.ts'
import { paramNamesOf } from './request-parts.ts'
import type { Route } from './types.ts'

/** The problems a route may answer: those that follow from its declaration, and those it names. */
export function problemsOf(route: Route): ProblemKind[] {
  const codes = rules.filter(([holds]) => holds(route)).flatMap(([, found]) => found)
  const kinds = codes.map((code) => problemKinds[code])
  return [
    ...new Set([...kinds, ...(takesIdempotencyKey(route) ? [keyReused] : []), ...route.problems]),
  ]
}

type Rule = readonly [(route: Route) => boolean, readonly ProblemCode[]]

const rules: readonly Rule[] = [
  [needsActor, ['unauthenticated']],
  [
    (route) => route.access === 'staff' || route.access === 'admin' || route.self !== undefined,
    ['forbidden'],
  ],
  [
    (route) => paramNamesOf(route.path).some((name) => name !== route.self && route.params[name]),
    ['not_found'],
  ],
  // Every route refuses query parameters that it does not know.
  [() => true, ['invalid']],
  [
    (route) => route.body !== undefined || route.form !== undefined,
    ['malformed', 'unsupported_media_type'],
  ],
  [(route) => route.method !== 'GET', ['too_large']],
  [takesIdempotencyKey, ['conflict']],
  [takesIfMatch, ['stale']],
]

export function needsActor(route: Route): boolean {
  return route.access !== 'anyone'
}

export function takesIdempotencyKey(route: Route): boolean {
  return route.method === 'POST' && needsActor(route)
}

export function takesIfMatch(route: Route): boolean {
  return route.method !== 'GET' && entityOf(route) !== undefined
}
