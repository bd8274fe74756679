import { callerOf, type Source } from '#kit/core'
import type { Route, SignedIn } from '#kit/http'
import type { AnyModel, FieldsOf, Patch, Row } from '#kit/model'
import { adminRoutes } from './admin-routes.ts'
import { labelOf } from './label-of.ts'

export const adminVerbs = ['list', 'create', 'get', 'change', 'remove', 'restore'] as const
export type AdminVerb = (typeof adminVerbs)[number]

/** What an action's rule is told beside the row. */
export interface ActionCall {
  readonly nowMs: number
  readonly actor: SignedIn
}

/** Something that can be done to a row beside changing its fields. */
export interface ActionSpec<M extends AnyModel> {
  readonly label: string
  /** What is asked before it is done. */
  readonly confirm?: string
  /** Drawn as a warning: what it does cannot easily be taken back. */
  readonly danger?: boolean
  /**
   * The change it makes, as a pure function. From it come `POST …/:id/<action>` and `POST …/bulk-<action>`. Without
   * one the tool has the route `POST …/:id/<action>` itself.
   */
  readonly rule?: (row: Row<M>, call: ActionCall) => Patch<M>
}

type FieldName<M extends AnyModel> = keyof FieldsOf<M> & string

export interface AdminOptions<M extends AnyModel> {
  /** Default: all fields that are shown. */
  readonly columns?: readonly FieldName<M>[]
  /** Text fields that `?q=` looks in. Without any there is no `q`. */
  readonly search?: readonly FieldName<M>[]
  /** Fields to filter by; their kinds say how. */
  readonly filter?: readonly FieldName<M>[]
  /** Default: the columns that can be compared. */
  readonly sort?: readonly FieldName<M>[]
  /** By name, in kebab-case. */
  readonly actions?: Readonly<Record<string, ActionSpec<M>>>
  /**
   * The fields that an admin may set, in the order of the form; readonly ones among them become his to set. Default:
   * those that anyone may, and the owner.
   */
  readonly form?: readonly FieldName<M>[]
  /** The field that `POST …/:id/toggle` flips. */
  readonly toggle?: FieldName<M>
  /** Adds `POST …/bulk-delete`, which removes rows for good. */
  readonly bulkDelete?: boolean
  /** Lists answer `{ items, total, active, inactive }` instead of an array; needs `is_active`. */
  readonly envelope?: boolean
  /** Where its routes stand. Default: `/api/admin/` and the table. */
  readonly path?: string
  /** The plural, as a heading. Default: the table's name. */
  readonly label?: string
  /** The routes to make, of the usual six. Default: all. Those of a tool's own are found by their paths. */
  readonly only?: readonly AdminVerb[]
  /** `false`: lists are not answered as CSV. */
  readonly csv?: boolean
  /** `false`: no CSV is taken in. */
  readonly import?: boolean
}

/** The options of an admin API, complete, its model's type forgotten. */
export interface AdminPlan {
  readonly model: AnyModel
  readonly path: string
  readonly label: string
  readonly columns: readonly string[]
  readonly search: readonly string[]
  readonly filter: readonly string[]
  readonly sort: readonly string[]
  readonly actions: Readonly<Record<string, ActionSpec<AnyModel>>>
  readonly form: readonly string[] | undefined
  readonly toggle: string | undefined
  readonly hasBulkDelete: boolean
  readonly hasEnvelope: boolean
  readonly only: readonly AdminVerb[]
  readonly hasCsv: boolean
  readonly hasImport: boolean
  readonly source: Source
}

/** The admin API of a model, as data. */
export interface Admin extends AdminPlan {
  readonly routes: readonly Route[]
}

/**
 * Declares the admin API of a model: its routes under `/api/admin/<table>` and what a console draws of it. All of them
 * are for admins, and reach all rows, whoever owns them, removed ones too; no option changes that. Throws TypeError for
 * options that do not fit the model.
 */
export function defineAdmin<M extends AnyModel>(
  model: M,
  options: AdminOptions<NoInfer<M>> = {},
): Admin {
  const plan = planOf(model, options as unknown as AdminOptions<AnyModel>, callerOf(defineAdmin))
  assertSound(plan)
  return Object.freeze({ ...plan, routes: Object.freeze(adminRoutes(plan)) })
}

function planOf(model: AnyModel, options: AdminOptions<AnyModel>, source: Source): AdminPlan {
  const columns = options.columns ?? shownFields(model)
  const verbs = options.only ?? adminVerbs
  return {
    model,
    path: options.path ?? `/api/admin/${model.table}`,
    label: options.label ?? labelOf(model.table),
    columns: Object.freeze([...columns]),
    search: Object.freeze([...(options.search ?? [])]),
    filter: Object.freeze([...(options.filter ?? [])]),
    sort: Object.freeze([...(options.sort ?? columns.filter((name) => isComparable(model, name)))]),
    actions: Object.freeze({ ...options.actions }),
    form: options.form && Object.freeze([...options.form]),
    toggle: options.toggle,
    hasBulkDelete: options.bulkDelete ?? false,
    hasEnvelope: options.envelope ?? false,
    only: Object.freeze(verbs.filter((verb) => verb !== 'restore' || model.softDelete)),
    hasCsv: options.csv ?? true,
    hasImport: options.import ?? true,
    source,
  }
}

function shownFields(model: AnyModel): string[] {
  return Object.entries(model.fields)
    .filter(([, { spec }]) => spec.exposure === 'public' || spec.exposure === 'readonly')
    .map(([name]) => name)
}

function isComparable(model: AnyModel, name: string): boolean {
  return (model.fields[name]?.spec.use.kind.operators.length ?? 0) > 0
}

/** Names that the path of an action cannot have: other routes stand there. */
const taken = new Set(['restore', 'toggle', 'delete', 'undo', 'import'])

function assertSound(plan: AdminPlan): void {
  const { model, toggle } = plan
  const shown = new Set(shownFields(model))
  const hidden = [...plan.columns, ...plan.filter, ...plan.sort, ...plan.search].filter(
    (name) => !shown.has(name),
  )
  const faults = [
    ...hidden.map((name) => `"${name}" is no field that is shown.`),
    ...plan.search
      .filter((name) => model.fields[name]?.spec.use.kind.isText === false)
      .map((name) => `"${name}" is no text to search.`),
    ...(plan.form ?? []).flatMap((name) => formFaults(model, name)),
    ...(plan.form && needsOwner(plan) && !plan.form.includes(model.owner ?? '')
      ? [`Its form lacks "${model.owner}", without which none can be created.`]
      : []),
    ...(toggle === undefined || isFlag(model, toggle)
      ? []
      : [`"${toggle}" is no boolean to toggle.`]),
    ...(plan.hasEnvelope && !isFlag(model, 'is_active')
      ? ['An envelope counts by "is_active", which is no field of it.']
      : []),
    ...Object.keys(plan.actions).flatMap(actionFaults),
  ]
  if (faults.length > 0)
    throw new TypeError(`defineAdmin(${model.name}): ${[...new Set(faults)].join(' ')}`)
}

function isFlag(model: AnyModel, name: string): boolean {
  return model.fields[name]?.spec.use.kind.widget === 'switch'
}

function needsOwner({ model, only }: AdminPlan): boolean {
  const owner = model.owner === undefined ? undefined : model.fields[model.owner]
  return model.owner !== 'id' && owner?.spec.isOptional === false && only.includes('create')
}

function formFaults(model: AnyModel, name: string): string[] {
  const field = model.fields[name]
  const isSettable =
    field &&
    field.spec.exposure !== 'internal' &&
    !['id', 'created_at', 'updated_at'].includes(name)
  return isSettable ? [] : [`"${name}" is no field that an admin can set.`]
}

function actionFaults(name: string): string[] {
  if (taken.has(name)) return [`An action cannot be called "${name}".`]
  return /^[a-z]+(-[a-z0-9]+)*$/.test(name) ? [] : [`The action "${name}" must be in kebab-case.`]
}
