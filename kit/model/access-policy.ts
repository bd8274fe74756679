import { type AccessPolicy, type AccessSpec, isAccess } from './access.ts'
import { fieldsIn } from './evaluate-rule.ts'
import type { FieldMap } from './field.ts'
import type { RowPolicySpec } from './row-policy.ts'
import { toRowPolicy } from './row-policy-parts.ts'

/** The declared access as data. Throws TypeError for a row policy that no engine could run. */
export function toAccessPolicy<F>(spec: AccessSpec<F>, fields: FieldMap): AccessPolicy {
  const toData = (one: AccessSpec<F>['read']) =>
    typeof one === 'object' ? toRowPolicy(one as RowPolicySpec<never>, fields) : one
  // Without one at all there is nothing to turn: `accessFaults` says so.
  const { read, write } = spec ?? {}
  return Object.freeze({ read: toData(read), write: toData(write) })
}

export function accessFaults({ read, write }: AccessPolicy, fields: FieldMap): string[] {
  const areWords = [read, write].every((one) => typeof one === 'object' || isAccess(one))
  const numbered = typeof write === 'object' && fieldsIn(write.rule).has('id')
  return [
    ...(areWords ? [] : ['access must say who may read and who may write.']),
    ...(numbered && fields['id']?.spec.use.kind.isSerial
      ? ['The write policy names id, which a new row does not have yet.']
      : []),
  ]
}
