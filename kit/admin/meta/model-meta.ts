import { z } from 'zod'
import type { Method, Route } from '#kit/http'
import type { AdminPlan } from '../define-admin.ts'
import { fieldMeta, type PathOf, titleFieldOf } from './field-meta.ts'
import { formMeta } from './form-meta.ts'
import { type ModelMeta, operationNames, type PlaceMeta } from './meta-schema.ts'

type OperationName = (typeof operationNames)[number]

/** Where each operation stands, behind the path of the model. */
const places: Readonly<Record<OperationName, readonly [methods: readonly Method[], rest: string]>> =
  {
    list: [['GET'], ''],
    create: [['POST'], ''],
    get: [['GET'], '/:id'],
    change: [['PATCH', 'PUT'], '/:id'],
    remove: [['DELETE'], '/:id'],
    restore: [['POST'], '/:id/restore'],
    toggle: [['POST'], '/:id/toggle'],
    bulk_delete: [['POST'], '/bulk-delete'],
    import: [['POST'], '/import'],
  }

export interface MetaContext {
  /** All routes of the app. */
  readonly routes: readonly Route[]
  readonly pathOf: PathOf
}

/** What a console draws of a model. What the app can do is read from its routes, whoever declared them. */
export function modelMeta(plan: AdminPlan, tool: string, context: MetaContext): ModelMeta {
  const { model, path } = plan
  const routeOf = (name: OperationName) => findRoute(context.routes, path, places[name])
  const list = routeOf('list')
  const [create, change] = [routeOf('create'), routeOf('change')]
  const form = (route: Route | undefined) =>
    route?.body ? formMeta(model, route.body, context.pathOf) : null
  return {
    model: model.name,
    plural: model.table,
    label: plan.label,
    tool,
    path,
    title: titleFieldOf(model),
    soft_delete: model.softDelete,
    toggle: plan.toggle ?? null,
    wrapped_in: memberThatHolds(routeOf('get'), ({ type }) => type !== 'array'),
    listed_in: memberThatHolds(list, ({ type }) => type === 'array'),
    columns: plan.columns.flatMap((name) => fieldMeta(model, name, context.pathOf) ?? []),
    filters: filtersOf(plan, list, context.pathOf),
    search: 'q' in (list?.query ?? {}),
    sorts: sortsOf(list),
    csv: list?.result.csv !== undefined,
    operations: Object.fromEntries(
      operationNames.map((name) => [name, toPlace(routeOf(name))]),
    ) as ModelMeta['operations'],
    actions: actionsOf(plan, context),
    forms: { create: form(create), change: form(change) },
  }
}

function findRoute(
  routes: readonly Route[],
  path: string,
  [methods, rest]: (typeof places)[OperationName],
): Route | undefined {
  return routes.find((route) => methods.includes(route.method) && route.path === path + rest)
}

function toPlace(route: Route | undefined): PlaceMeta | null {
  return route ? { method: route.method, path: route.path } : null
}

function actionsOf({ actions, path }: AdminPlan, { routes }: MetaContext): ModelMeta['actions'] {
  const post = (rest: string) => findRoute(routes, path, [['POST'], rest])
  return Object.entries(actions).flatMap(([name, { label, confirm = null, danger = false }]) => {
    const one = toPlace(post(`/:id/${name}`))
    return one ? [{ name, label, confirm, danger, one, many: toPlace(post(`/bulk-${name}`)) }] : []
  })
}

const filterParameter = /^([a-z][a-z0-9_]*)(?:\[([a-z]+)\])?$/

/** The filters that the list's query takes. */
function filtersOf(
  { model }: AdminPlan,
  list: Route | undefined,
  pathOf: PathOf,
): ModelMeta['filters'] {
  const operators = new Map<string, string[]>()
  for (const parameter of Object.keys(list?.query ?? {})) {
    const [, name = '', operator = 'eq'] = filterParameter.exec(parameter) ?? []
    if (model.fields[name]) operators.set(name, [...(operators.get(name) ?? []), operator])
  }
  return [...operators].flatMap(([name, found]) => {
    const field = fieldMeta(model, name, pathOf)
    return field ? [{ ...field, operators: found }] : []
  })
}

function sortsOf(list: Route | undefined): string[] {
  const sort = list?.query['sort']
  if (!sort) return []
  const schema = z.toJSONSchema(sort, { io: 'input', unrepresentable: 'any' })
  return ((schema.enum ?? schema.anyOf?.[0]?.enum ?? []) as string[]).map(String)
}

interface AnswerSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, AnswerSchema>>
}

/** The one member of an answer that holds what was asked for; null where it is the answer itself. */
function memberThatHolds(
  route: Route | undefined,
  holds: (member: AnswerSchema) => boolean,
): string | null {
  if (!route) return null
  const { schema } = route.result
  const answer = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as AnswerSchema
  const members = Object.entries(answer.properties ?? {})
  if (members.some(([name]) => name === 'id')) return null
  return members.find(([, member]) => holds(member))?.[0] ?? null
}
