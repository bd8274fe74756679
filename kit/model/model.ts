import { callerOf, type Instant, type Source } from '#kit/core'
import type { AccessPolicy, AccessSpec } from './access.ts'
import { accessFaults, toAccessPolicy } from './access-policy.ts'
import { type AppendOnly, markFaults } from './append-only.ts'
import { derivedFaults } from './derived-fields.ts'
import {
  createField,
  type Exposure,
  type Field,
  type FieldMap,
  type RowCondition,
} from './field.ts'
import { boolean } from './fields/boolean.ts'
import { instant } from './fields/instant.ts'
import { reference } from './fields/reference.ts'
import { uuid } from './fields/uuid.ts'

export interface Index {
  readonly fields: readonly string[]
  readonly unique: boolean
  readonly ignoreCase: boolean
  readonly where: RowCondition | undefined
}

/** A value of a row on the wire that is worked out from the others and stored nowhere. */
export interface Computed {
  readonly field: Field
  readonly of: (row: Readonly<Record<string, unknown>>) => unknown
}

/** A model whose fields are not known to the types. */
export interface AnyModel {
  readonly name: string
  /** The table; also the plural in paths. */
  readonly table: string
  /** All of them, in the order of the columns: id, owner, those declared, is_active, times. */
  readonly fields: FieldMap
  /** The column that holds the owner's id: another field, or `id` where a row owns itself. */
  readonly owner: string | undefined
  readonly access: AccessPolicy
  readonly indexes: readonly Index[]
  readonly softDelete: boolean
  readonly computed: Readonly<Record<string, Computed>>
  /** Whether its writes leave entries in the audit trail. */
  readonly isAudited: boolean
  /** Only rows that meet this do, where it is given. */
  readonly auditedWhere: RowCondition | undefined
  /** Whether repositories and queries only ever add rows. */
  readonly isInsertOnly: boolean
  /** Undefined where rows may be changed and removed. */
  readonly appendOnly: AppendOnly | undefined
  /** The model's former name: the next migration renames the table. */
  readonly was: string | undefined
  readonly source: Source
  /** For the types alone; never there at run time. */
  readonly types?: unknown
}

export interface Model<Fields, Table extends string = string> extends AnyModel {
  readonly table: Table
  readonly types?: Fields
}

/** The fields of a model as the types know them. */
export type FieldsOf<M extends AnyModel> = M extends { readonly types?: infer F }
  ? unknown extends F
    ? FieldMap
    : F
  : FieldMap

type ValueOf<F> =
  F extends Field<infer V, infer O, boolean, Exposure> ? V | (true extends O ? null : never) : never

type OptionalKeys<F> = {
  [K in keyof F]: F[K] extends Field<unknown, infer O, infer G, Exposure>
    ? true extends O | G
      ? K
      : never
    : never
}[keyof F]

/** A row: every column, as JSON values. */
export type Row<M extends AnyModel> = { [K in keyof FieldsOf<M>]: ValueOf<FieldsOf<M>[K]> }

/** What `create` takes: every required field; the others if wanted. */
export type Input<M extends AnyModel> = {
  readonly [K in Exclude<keyof FieldsOf<M>, OptionalKeys<FieldsOf<M>>>]: ValueOf<FieldsOf<M>[K]>
} & { readonly [K in OptionalKeys<FieldsOf<M>>]?: ValueOf<FieldsOf<M>[K]> | undefined }

/** What `change` takes: any field. */
export type Patch<M extends AnyModel> = {
  readonly [K in keyof FieldsOf<M>]?: ValueOf<FieldsOf<M>[K]> | undefined
}

export type IdOf<M extends AnyModel> =
  FieldsOf<M> extends { readonly id: infer Id }
    ? Id extends Field<infer V, boolean, boolean, Exposure>
      ? V
      : never
    : string | number

type Stamps = {
  readonly created_at: Field<Instant, false, true, 'readonly'>
  readonly updated_at: Field<Instant, false, true, 'readonly'>
}
type OwnerField<O> = O extends {
  readonly field: infer K extends string
  readonly of: AnyModel
  readonly optional: true
}
  ? { readonly [P in K]: Field<string, true, true, 'readonly'> }
  : O extends { readonly field: infer K extends string; readonly of: AnyModel }
    ? { readonly [P in K]: Field<string, false, true, 'readonly'> }
    : unknown
type SoftField<S> = S extends true
  ? { readonly is_active: Field<boolean, false, true, 'readonly'> }
  : unknown

type OnlyKnown<T> = { readonly [K in keyof T as string extends K ? never : K]: T[K] }

/** The owner column. With no `of`, the row owns itself: the field is `id`. */
export type OwnerSpec =
  | { readonly field: 'id' }
  | {
      readonly field: string
      readonly of: AnyModel
      readonly optional?: true
      /** Answers tell beside it what the owner is called. */
      readonly named?: true
    }

export interface ModelSpec<Id, Fields, Owner, Soft> {
  /** Default: a UUID of version 7. */
  readonly id?: Id | undefined
  readonly owner?: Owner | undefined
  readonly access: AccessSpec<AllFields<Id, Fields, Owner, Soft>>
  readonly fields: Fields
  readonly softDelete?: Soft | undefined
  readonly indexes?: readonly (
    | readonly string[]
    | (Partial<Index> & { readonly fields: readonly string[] })
  )[]
  readonly computed?: Readonly<Record<string, Computed>>
  /**
   * `false`: its writes leave no entries in the audit trail. For rows that nobody would look up or bring back. With
   * `where`, writes of rows that meet it leave some.
   */
  readonly audit?: false | { readonly where: RowCondition }
  /** Rows are added, never changed or removed: repositories and queries refuse it. An undo takes them away again. */
  readonly insertOnly?: true
  /** The database itself refuses changes and removals, whoever asks, an undo too. */
  readonly appendOnly?: AppendOnly
  /** `false`: without the index that lists newest first. For rows that nobody lists by `created_at`. */
  readonly indexNewest?: false
  /** The table and plural, where it is not the name with an s. */
  readonly table?: string
  readonly was?: string
}

type DefaultId = Field<string, false, true, 'public'>

/** All fields of a model: the declared ones and those that every model has. */
export type AllFields<Id, Fields, Owner, Soft> = OnlyKnown<
  { readonly id: Id extends Field ? Id : DefaultId } & OwnerField<Owner> &
    Fields &
    SoftField<Soft> &
    Stamps
>

/**
 * Declares a model: its table, its schemas, filters, forms and documents are derived from it. Adds
 * `id`, the owner's column, `created_at`, `updated_at` and, with `softDelete`, `is_active`.
 * Throws TypeError for a declaration that contradicts itself.
 */
export function defineModel<
  const Name extends string,
  Fields extends FieldMap,
  Id extends Field | undefined = undefined,
  const Owner extends OwnerSpec | undefined = undefined,
  const Soft extends boolean = false,
  const Table extends string = `${Name}s`,
>(
  name: Name,
  spec: ModelSpec<Id, Fields, Owner, Soft> & { readonly table?: Table },
): Model<AllFields<Id, Fields, Owner, Soft>, Table> {
  const fields = allFieldsOf(spec)
  const model: AnyModel = {
    name,
    table: spec.table ?? `${name}s`,
    fields: Object.freeze(fields),
    owner: spec.owner?.field,
    access: toAccessPolicy(spec.access, fields),
    indexes: Object.freeze(indexesOf(spec, fields)),
    softDelete: spec.softDelete ?? false,
    computed: Object.freeze({ ...spec.computed }),
    isAudited: spec.audit !== false,
    auditedWhere: spec.audit ? Object.freeze({ ...spec.audit.where }) : undefined,
    isInsertOnly: spec.insertOnly ?? false,
    appendOnly: spec.appendOnly && Object.freeze({ ...spec.appendOnly }),
    was: spec.was,
    source: callerOf(defineModel),
  }
  assertSound(model)
  return Object.freeze(model) as Model<AllFields<Id, Fields, Owner, Soft>, Table>
}

type LooseSpec = Omit<
  ModelSpec<Field | undefined, FieldMap, OwnerSpec | undefined, boolean>,
  'access'
>

function allFieldsOf(spec: LooseSpec): Record<string, Field> {
  const { owner } = spec
  const stamp = createField({ ...instant().spec.use }).readonly()
  const fields: Record<string, Field> = { id: (spec.id ?? uuid()).readonly() }
  if (owner && 'of' in owner) {
    const plain = reference(owner.of, { onDelete: 'cascade' }).readonly()
    const column = owner.named ? plain.named() : plain
    fields[owner.field] = owner.optional ? column.optional() : column
  }
  Object.assign(fields, spec.fields)
  if (spec.softDelete) fields['is_active'] = boolean().default(true).readonly()
  fields['created_at'] = stamp
  fields['updated_at'] = stamp
  return fields
}

function indexesOf(spec: LooseSpec, fields: FieldMap): Index[] {
  const plain = { unique: false, ignoreCase: false, where: undefined }
  const declared = (spec.indexes ?? []).map((index) =>
    'fields' in index ? { ...plain, ...index } : { ...plain, fields: index },
  )
  const unique = Object.entries(fields).flatMap(
    ([
      name,
      {
        spec: { unique: rule },
      },
    ]) =>
      rule
        ? [
            {
              fields: [name],
              unique: true,
              ignoreCase: rule.ignoreCase ?? false,
              where: rule.where,
            },
          ]
        : [],
  )
  // Newest first is how every list is read: without this index a page costs as much as the table.
  const newest = ['created_at', 'id']
  const owner = spec.owner && 'of' in spec.owner ? [spec.owner.field] : []
  const usual = spec.indexNewest === false ? [] : [{ ...plain, fields: [...owner, ...newest] }]
  return [...usual, ...unique, ...declared]
}

function assertSound(model: AnyModel): void {
  const needsOwner = model.access.read === 'owner' || model.access.write === 'owner'
  const faults = [
    ...accessFaults(model.access, model.fields),
    ...(needsOwner && !model.owner ? ["access 'owner' needs an owner."] : []),
    ...[...Object.keys(model.fields), ...Object.keys(model.computed)].flatMap(nameFaults),
    ...Object.entries(model.fields).flatMap(([name, field]) => fieldFaults(name, field)),
    ...derivedFaults(model.fields),
    ...model.indexes.flatMap((index) => indexFaults(model, index)),
    ...markFaults(model),
  ]
  if (faults.length > 0) throw new TypeError(`Model ${model.name}: ${faults.join(' ')}`)
}

function nameFaults(name: string): string[] {
  return /^[a-z][a-z0-9_]*$/.test(name) ? [] : [`Field "${name}" must be in snake_case.`]
}

function fieldFaults(name: string, { spec }: Field): string[] {
  if (spec.use.kind.isSerial && name !== 'id') return [`Only id may be serial, not ${name}.`]
  const isAccepted = spec.exposure === 'public' || spec.exposure === 'writeonly'
  if (spec.use.kind.isFile && isAccepted)
    return [`${name} is a file: it comes by a request of its own, never in a body.`]
  if (spec.writableBy && !isAccepted)
    return [`${name} is ${spec.exposure}, never accepted: writableBy says nothing about it.`]
  if (spec.isNamed && spec.use.references?.model().owner !== 'id')
    return [`${name} is no reference to people: named() says nothing about it.`]
  const isFit = !spec.hasDefault || spec.use.schema.safeParse(spec.defaultValue).success
  return isFit ? [] : [`The default of ${name} is not a value of its kind.`]
}

function indexFaults(model: AnyModel, index: Index): string[] {
  return [...index.fields, ...Object.keys(index.where ?? {})]
    .filter((name) => !model.fields[name])
    .map((name) => `An index names "${name}", which is no field.`)
}
