import type { Fault } from '#kit/core'
import type { AnyModel } from './model.ts'
import { hasRole, nameOfRole, type Role } from './role.ts'

type Restricted = readonly (readonly [field: string, role: Role])[]

const none: readonly Fault[] = Object.freeze([])
const known = new WeakMap<AnyModel, Restricted>()

/** A fault for each field that is named here and that nobody of this role may set (`writableBy`). */
export function refusedFields(
  model: AnyModel,
  role: Role | null,
  values: Readonly<Record<string, unknown>>,
): readonly Fault[] {
  const restricted = known.get(model) ?? remember(model)
  if (restricted.length === 0) return none
  return restricted
    .filter(([field, least]) => values[field] !== undefined && !hasRole(role, least))
    .map(([path, least]) => ({ path, code: 'readonly', message: whoMaySet(least) }))
}

/** For whoever may not. */
export function whoMaySet(role: Role): string {
  return `Only ${nameOfRole(role)} may set this.`
}

function remember(model: AnyModel): Restricted {
  const restricted = Object.entries(model.fields).flatMap(([name, { spec }]) =>
    spec.writableBy ? [[name, spec.writableBy] as const] : [],
  )
  known.set(model, restricted)
  return restricted
}
