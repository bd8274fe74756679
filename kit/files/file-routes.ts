import { z } from 'zod'
import { callerOf, Problem } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import {
  createRoute,
  idParam,
  type Route,
  type RouteAccess,
  type RouteDeclaration,
  type Use,
} from '#kit/http'
import { type AnyModel, type FileOptions, type FileValue, fileOptionsOf, titleOf } from '#kit/model'
import { type FileToSend, fileResult } from './file-answer.ts'
import { bodyOf, fileForm } from './file-form.ts'
import { fileKeeper, type KeptFile } from './file-keeper.ts'
import type { FilePlace } from './file-key.ts'

export interface FileRouteOptions {
  /** Where the rows are. Default: `/api/` and the table. */
  readonly path?: string
  readonly access: { readonly read: RouteAccess; readonly write: RouteAccess }
}

type Id = string | number

interface FileRequest {
  readonly db: BoundRepositories
  readonly params: { readonly id: Id }
  readonly actor: { readonly id: string | null }
  readonly use: Use
  readonly body: unknown
}

/** A field of a model, and where its files are served. */
interface Served {
  readonly model: AnyModel
  readonly field: string
  readonly limits: FileOptions
  readonly path: string
}

type Declaration = Omit<RouteDeclaration, 'access' | 'path' | 'entity' | 'params' | 'name'>

/**
 * The routes that send, bring and remove the file in a field of a model's rows: `GET`, `PUT` and `DELETE` under
 * `/api/items/:id/picture`. Each reaches what the model's policy gives the actor. A file that is brought takes the place
 * of the one before, which is removed once the row is committed.
 */
export function fileRoutes(
  model: AnyModel,
  field: string,
  { path = `/api/${model.table}`, access }: FileRouteOptions,
): Route[] {
  const served: Served = { model, field, limits: fileOptionsOf(model, field), path }
  const source = callerOf(fileRoutes)
  const toRoute = (verb: string, own: RouteAccess, declaration: Declaration) =>
    createRoute(
      {
        ...declaration,
        name: `${model.name}.${field}.${verb}`,
        access: own,
        path: `${path}/:id/${field}`,
        params: { id: idParam(model) as z.ZodType },
        entity: model,
      },
      source,
    )
  return [
    toRoute('get', access.read, sends(served)),
    toRoute('put', access.write, brings(served)),
    toRoute('remove', access.write, removes(served)),
  ]
}

/** Part of each file's address, so that a new file has a new one; it asks for nothing. */
export const versionQuery = z.string().max(100).optional()

function sends(served: Served): Declaration {
  const { model, field, limits } = served
  return {
    summary: `Get the ${wordsOf(served)}`,
    method: 'GET',
    result: fileResult(limits),
    problems: ['not_found'],
    query: { v: versionQuery },
    handle: async ({ db, params, use }: FileRequest): Promise<FileToSend> => {
      const row: Readonly<Record<string, unknown>> = await db(model).get(params.id)
      const value = row[field] as FileValue | null
      if (!value) throw new Problem('not_found', `This ${titleOf(model)} has no ${field}.`)
      return { place: placeOf(served, params.id), value, store: use(fileKeeper).store }
    },
  }
}

function brings(served: Served): Declaration {
  const { model, field, limits, path } = served
  return {
    summary: `Bring the ${wordsOf(served)}`,
    method: 'PUT',
    result: model,
    problems: ['not_found', 'rate_limited', 'unavailable'],
    form: fileForm(limits),
    prepare: async (request: FileRequest) => {
      const { db, params, actor, use } = request
      // Who cannot even see the row need not send a file.
      await db(model).get(params.id)
      return use(fileKeeper).bring(bodyOf(request), {
        place: placeOf(served, params.id),
        options: limits,
        path: `${path}/${params.id}/${field}`,
        actorId: actor.id,
      })
    },
    handle: ({ db, params, prepared }: FileRequest & { readonly prepared: KeptFile }) =>
      db(model).change(params.id, { [field]: prepared.value }),
    abandon: (kept: KeptFile, error: unknown) => kept.abandon(error),
  }
}

function removes(served: Served): Declaration {
  const { model, field } = served
  return {
    summary: `Remove the ${wordsOf(served)}`,
    method: 'DELETE',
    result: model,
    problems: ['not_found'],
    handle: ({ db, params }: FileRequest) => db(model).change(params.id, { [field]: null }),
  }
}

function placeOf({ model, field }: Served, id: Id): FilePlace {
  return { table: model.table, id: String(id), field }
}

function wordsOf({ model, field }: Served): string {
  return `${field.replaceAll('_', ' ')} of a ${model.name.replaceAll('_', ' ')}`
}
