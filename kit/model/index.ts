export {
  type Access,
  type AccessPolicy,
  type AccessSpec,
  type Actor,
  accessWord,
  anonymous,
  isAllowed,
  isWider,
} from './access.ts'
export type { AppendOnly } from './append-only.ts'
export { derivedFrom, isSecret, isSource, sourceOf } from './derived-fields.ts'
export { type Circumstances, fieldsIn, forRole, holds } from './evaluate-rule.ts'
export type {
  AnyField,
  Derivation,
  Exposure,
  Field,
  FieldMap,
  FieldSpec,
  RowCondition,
  Uniqueness,
} from './field.ts'
export { fieldKinds } from './field-kinds.ts'
export {
  type FileOptions,
  type FileValue,
  fileFieldsOf,
  fileOptionsOf,
  mostInFileName,
} from './fields/file.ts'
export { f } from './fields/index.ts'
export { instantSchema } from './fields/instant.ts'
export { integerFromText } from './fields/integer.ts'
export { isStorable, textSchema } from './fields/text.ts'
export { uuidSchema } from './fields/uuid.ts'
export type { DialectName, FieldKind, KindUse, Operator, Reference, Widget } from './kind.ts'
export {
  type AnyModel,
  type Computed,
  defineModel,
  type FieldsOf,
  type IdOf,
  type Index,
  type Input,
  type Model,
  type OwnerSpec,
  type Patch,
  type Row,
} from './model.ts'
export { type NamedField, namedFieldsOf, nameMemberOf } from './named-fields.ts'
export type {
  KeyOf,
  ListOptions,
  Page,
  RemoveOptions,
  Repositories,
  Repository,
  Sort,
  Where,
} from './repository.ts'
export { hasRole, type Role, roles } from './role.ts'
export {
  type Operand,
  type PolicyParts,
  type RowPolicy,
  type RowPolicySpec,
  type Rule,
  type Scalar,
  visitRule,
} from './row-policy.ts'
export {
  isChecked,
  modelOfBody,
  titleOf,
  toInputFieldSchema,
  toInputSchema,
  toPatchFieldSchema,
  toPatchSchema,
  toRowSchema,
  toStoredSchema,
  toWire,
} from './schemas.ts'
export { shownFieldsOf } from './shown-fields.ts'
export { refusedFields, whoMaySet } from './writable-by.ts'
