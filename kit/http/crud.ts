import type { z } from 'zod'
import { callerOf, type ProblemCode, type Source } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import {
  type AnyModel,
  type IdOf,
  type Input,
  type Patch,
  titleOf,
  toInputSchema,
  toPatchSchema,
} from '#kit/model'
import { createRoute, type RouteDeclaration } from './define-route.ts'
import { idParam, type ListQueryOptions, listQuery } from './list-query.ts'
import { createdOf, message, pageOf } from './results.ts'
import type { Method, Route, RouteAccess } from './types.ts'

export type CrudVerb = 'list' | 'create' | 'get' | 'change' | 'remove'

export interface CrudOptions<M extends AnyModel> extends ListQueryOptions<M> {
  /** Default: `/api/` and the table. */
  readonly path?: string
  /** The parameter of `path` that must be the actor's own id, or `me`. */
  readonly self?: string
  /** One for all verbs, or one for each. */
  readonly access: RouteAccess | Readonly<Partial<Record<CrudVerb, RouteAccess>>>
  /** Default: all five. */
  readonly only?: readonly CrudVerb[]
  /** Default: PATCH. Both take any of the fields. */
  readonly changeMethod?: 'PUT' | 'PATCH'
  /** The message of a removal. Default: `Task removed`. */
  readonly removed?: string
}

/** What differs between the verbs. */
interface Verb {
  readonly method: Method
  readonly isOfOneRow: boolean
  readonly summary: string
  readonly problems: readonly ProblemCode[]
  readonly rest: Pick<RouteDeclaration, 'handle' | 'query' | 'body' | 'result' | 'status'>
}

interface CrudRequest<M extends AnyModel> {
  readonly db: BoundRepositories
  readonly params: { readonly id: IdOf<M> }
  readonly query: Readonly<Record<string, unknown>>
}

const verbs: readonly CrudVerb[] = ['list', 'create', 'get', 'change', 'remove']

/**
 * The routes that list, create, get, change and remove a model's rows, named `task.list` and so on.
 * Each reaches what the model's policy gives the actor.
 */
export function crud<M extends AnyModel>(model: M, options: CrudOptions<M>): Route[] {
  const source = callerOf(crud)
  return verbs
    .filter((verb) => options.only?.includes(verb) ?? true)
    .map((verb) => toRoute(model, { verb, options, source }))
}

function toRoute<M extends AnyModel>(
  model: M,
  { verb, options, source }: { verb: CrudVerb; options: CrudOptions<M>; source: Source },
): Route {
  const { method, isOfOneRow, summary, problems, rest } = verbOf[verb](model, options)
  const path = options.path ?? `/api/${model.table}`
  return createRoute(
    {
      name: `${model.name}.${verb}`,
      summary,
      access: accessOf(model, options.access, verb),
      method,
      path: isOfOneRow ? `${path}/:id` : path,
      self: options.self,
      params: isOfOneRow ? { id: idParam(model) } : {},
      problems,
      entity: model,
      ...rest,
    },
    source,
  )
}

function accessOf(
  model: AnyModel,
  access: CrudOptions<AnyModel>['access'],
  verb: CrudVerb,
): RouteAccess {
  const found = typeof access === 'string' ? access : access[verb]
  if (found === undefined) throw new TypeError(`crud(${model.name}) has no access for ${verb}.`)
  return found
}

type ToVerb = <M extends AnyModel>(model: M, options: CrudOptions<M>) => Verb

const verbOf: Readonly<Record<CrudVerb, ToVerb>> = {
  list: (model, options) => {
    const { query, toOptions } = listQuery(model, options)
    return {
      method: 'GET',
      isOfOneRow: false,
      summary: `List ${model.table}`,
      problems: [],
      rest: {
        query,
        result: pageOf(model),
        handle: (request: CrudRequest<typeof model>) =>
          request.db(model).list(toOptions(request.query)),
      },
    }
  },
  create: <M extends AnyModel>(model: M) => ({
    method: 'POST',
    isOfOneRow: false,
    summary: `Create a ${wordsOf(model)}`,
    problems: ['conflict'],
    rest: {
      body: toInputSchema(model) as z.ZodType,
      status: 201,
      result: createdOf(model),
      handle: ({ db, body }: CrudRequest<M> & { readonly body: Input<M> }) =>
        db(model).create(body),
    },
  }),
  get: <M extends AnyModel>(model: M) => ({
    method: 'GET',
    isOfOneRow: true,
    summary: `Get a ${wordsOf(model)}`,
    problems: ['not_found'],
    rest: {
      result: model,
      handle: ({ db, params }: CrudRequest<M>) => db(model).get(params.id),
    },
  }),
  change: <M extends AnyModel>(model: M, { changeMethod }: CrudOptions<M>) => ({
    method: changeMethod ?? 'PATCH',
    isOfOneRow: true,
    summary: `Change a ${wordsOf(model)}`,
    problems: ['not_found', 'conflict'],
    rest: {
      body: toPatchSchema(model) as z.ZodType,
      result: model,
      handle: ({ db, params, body }: CrudRequest<M> & { readonly body: Patch<M> }) =>
        db(model).change(params.id, body),
    },
  }),
  remove: <M extends AnyModel>(model: M, { removed }: CrudOptions<M>) => ({
    method: 'DELETE',
    isOfOneRow: true,
    summary: `Remove a ${wordsOf(model)}`,
    problems: ['not_found', 'conflict'],
    rest: {
      result: message(removed ?? `${titleOf(model)} removed`),
      handle: ({ db, params }: CrudRequest<M>) => db(model).remove(params.id),
    },
  }),
}

function wordsOf(model: AnyModel): string {
  return model.name.replaceAll('_', ' ')
}
