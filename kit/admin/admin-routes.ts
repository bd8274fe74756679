import type { BoundRepositories } from '#kit/db'
import {
  createdOf,
  createRoute,
  idParam,
  listQuery,
  message,
  pageOf,
  type Result,
  type Route,
  type RouteDeclaration,
  type SignedIn,
} from '#kit/http'
import { type AnyModel, type Input, type Patch, titleOf } from '#kit/model'
import { changeBodyOf, createBodyOf, type Id } from './admin-body.ts'
import { bulkRoutes } from './admin-bulk.ts'
import type { ActionSpec, AdminPlan, AdminVerb } from './define-admin.ts'
import { countEnvelope, envelopeOf, noCounts } from './envelope.ts'
import { importRoute } from './import/import-route.ts'
import { labelOf } from './label-of.ts'

export interface AdminRequest {
  readonly everyone: BoundRepositories
  readonly params: { readonly id: Id }
  readonly query: Readonly<Record<string, unknown>>
  readonly actor: SignedIn
  readonly nowMs: () => number
}

/** What differs between admin routes. Who may call them does not. */
export type AdminDeclaration = Omit<RouteDeclaration, 'access' | 'self' | 'system' | 'onHold'>

/** The routes of an admin API, all for admins and nobody else. */
export function adminRoutes(plan: AdminPlan): Route[] {
  const declarations = [
    ...plan.only.map((verb) => declarationOf[verb](plan)),
    ...(plan.toggle === undefined ? [] : [actionOf(plan, 'toggle', toggling(plan.toggle))]),
    ...Object.entries(plan.actions).flatMap(([name, spec]) =>
      spec.rule ? [actionOf(plan, name, { ...spec, rule: spec.rule })] : [],
    ),
    ...bulkRoutes(plan),
    ...(plan.hasImport && plan.only.includes('create') ? [importRoute(plan)] : []),
  ]
  return declarations.map((spec) => createRoute({ ...spec, access: 'admin' }, plan.source))
}

type Declare = (plan: AdminPlan) => AdminDeclaration

const declarationOf: Readonly<Record<AdminVerb, Declare>> = {
  list: (plan) => (plan.hasEnvelope ? envelopeList(plan) : plainList(plan)),
  create: (plan) => ({
    name: `admin.${plan.model.name}.create`,
    summary: `Create a ${wordsOf(plan.model)}, as an admin`,
    method: 'POST',
    path: plan.path,
    body: createBodyOf(plan),
    status: 201,
    result: createdOf(plan.model),
    entity: plan.model,
    problems: ['conflict'],
    handle: ({ everyone, body }: AdminRequest & { readonly body: Input<AnyModel> }) =>
      everyone(plan.model).create(body),
  }),
  get: (plan) => ({
    ...ofOneRow(plan, 'get'),
    summary: `Get any ${wordsOf(plan.model)}`,
    method: 'GET',
    problems: ['not_found'],
    handle: ({ everyone, params }: AdminRequest) => everyone(plan.model).get(params.id),
  }),
  change: (plan) => ({
    ...ofOneRow(plan, 'change'),
    summary: `Change any ${wordsOf(plan.model)}`,
    method: 'PATCH',
    body: changeBodyOf(plan),
    handle: ({ everyone, params, body }: AdminRequest & { readonly body: Patch<AnyModel> }) =>
      everyone(plan.model).change(params.id, body),
  }),
  remove: (plan) => ({
    ...ofOneRow(plan, 'remove'),
    summary: `Remove any ${wordsOf(plan.model)}`,
    method: 'DELETE',
    result: message(`${titleOf(plan.model)} removed`),
    handle: ({ everyone, params }: AdminRequest) => everyone(plan.model).remove(params.id),
  }),
  restore: (plan) => ({
    ...ofOneRow(plan, 'restore'),
    summary: `Bring back a removed ${wordsOf(plan.model)}`,
    method: 'POST',
    path: `${plan.path}/:id/restore`,
    handle: ({ everyone, params }: AdminRequest) => everyone(plan.model).restore(params.id),
  }),
}

/** What the routes of one row share; their answers have entity tags, and writes take `If-Match`. */
function ofOneRow({ model, path }: AdminPlan, verb: string) {
  return {
    name: `admin.${model.name}.${verb}`,
    path: `${path}/:id`,
    params: { id: idParam(model) },
    entity: model,
    result: model,
    problems: ['not_found', 'conflict'],
  } as const
}

function plainList(plan: AdminPlan): AdminDeclaration {
  const { model } = plan
  const { query, toOptions } = queryOf(plan)
  return {
    ...listOf(plan),
    query,
    result: plan.hasCsv ? pageOf(model) : withoutCsv(pageOf(model)),
    handle: ({ everyone, query: asked }: AdminRequest) => everyone(model).list(toOptions(asked)),
  }
}

function envelopeList(plan: AdminPlan): AdminDeclaration {
  const { model } = plan
  const { query, toOptions } = queryOf(plan)
  return {
    ...listOf(plan),
    query,
    result: plan.hasCsv ? envelopeOf(model) : withoutCsv(envelopeOf(model)),
    handle: async ({ everyone, query: asked }: AdminRequest) => ({
      ...(await everyone(model).list(toOptions(asked))),
      counts: asked['format'] === 'csv' ? noCounts : await countEnvelope(everyone, model),
    }),
  }
}

function withoutCsv<T>({ csv: _, ...result }: Result<T>): Result<T> {
  return result
}

function listOf({ model, path }: AdminPlan) {
  return {
    name: `admin.${model.name}.list`,
    summary: `List all ${model.table.replaceAll('_', ' ')}`,
    method: 'GET',
    path,
  } as const
}

function queryOf({ model, filter, search, sort }: AdminPlan) {
  return listQuery<AnyModel>(model, { filters: filter, search, sort })
}

type Ruled = ActionSpec<AnyModel> & Required<Pick<ActionSpec<AnyModel>, 'rule'>>

function toggling(field: string): Ruled {
  const rule = (row: Readonly<Record<string, unknown>>) => ({ [field]: !row[field] })
  return { label: `Toggle ${labelOf(field).toLowerCase()}`, rule }
}

function actionOf(plan: AdminPlan, name: string, { label, rule }: Ruled): AdminDeclaration {
  const { model, path } = plan
  return {
    ...ofOneRow(plan, name.replaceAll('-', '_')),
    summary: `${label} (any ${wordsOf(model)})`,
    method: 'POST',
    path: `${path}/:id/${name}`,
    handle: ({ everyone, params, actor, nowMs }: AdminRequest) => {
      const call = { actor, nowMs: nowMs() }
      return everyone(model).change(params.id, (row) => rule(row, call))
    },
  }
}

function wordsOf(model: AnyModel): string {
  return model.name.replaceAll('_', ' ')
}
