import type { z } from 'zod'
import { callerOf, type ProblemCode, type ProblemKind, problemKinds, type Source } from '#kit/core'
import { formatQueryOf } from './answer-form.ts'
import { toResult } from './results.ts'
import type { ParamSchemas, ResultSpec, Route, RouteAccess, RouteSpec } from './types.ts'

type None = Readonly<Record<never, never>>

/**
 * Declares a route. What its request holds follows from the declaration: `everyone` is there only
 * with `access: 'admin'`, `system` only with a reason.
 */
export function defineRoute<
  const A extends RouteAccess,
  const P extends string,
  const R extends ResultSpec,
  S extends ParamSchemas = None,
  Q extends ParamSchemas = None,
  B extends z.ZodType | undefined = undefined,
  Y extends string | undefined = undefined,
  Prepared = undefined,
>(spec: RouteSpec<A, P, S, Q, B, R, Y, Prepared>): Route {
  return createRoute(spec as unknown as RouteDeclaration, callerOf(defineRoute))
}

type Untyped = RouteSpec<
  RouteAccess,
  string,
  ParamSchemas,
  ParamSchemas,
  z.ZodType | undefined,
  ResultSpec,
  string | undefined,
  unknown
>

/** A route's declaration, the types of its handlers forgotten. */
export interface RouteDeclaration extends Omit<Untyped, 'handle' | 'prepare' | 'self' | 'abandon'> {
  readonly self?: string | undefined
  readonly prepare?: ((request: never) => unknown) | undefined
  readonly handle: (request: never) => unknown
  readonly abandon?: ((prepared: never, error: unknown) => void) | undefined
}

/** The route of a declaration that stands at `source`. */
export function createRoute(spec: RouteDeclaration, source: Source): Route {
  const result = toResult(spec.result)
  return Object.freeze({
    name: spec.name,
    summary: spec.summary,
    description: spec.description,
    access: spec.access,
    method: spec.method,
    path: spec.path,
    self: spec.self,
    params: Object.freeze({ ...spec.params }),
    query: Object.freeze({ ...formatQueryOf(result), ...spec.query }),
    body: spec.body,
    form: spec.form,
    result,
    status: spec.status ?? 200,
    problems: Object.freeze((spec.problems ?? []).map(toKind)),
    system: spec.system,
    entity: spec.entity,
    isAllowedOnHold: spec.onHold === 'allowed',
    prepare: spec.prepare,
    handle: spec.handle,
    abandon: spec.abandon,
    source,
  })
}

function toKind(problem: ProblemCode | ProblemKind): ProblemKind {
  return typeof problem === 'string' ? problemKinds[problem] : problem
}
