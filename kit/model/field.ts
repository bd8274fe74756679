import type { KindUse } from './kind.ts'
import type { Role } from './role.ts'

/**
 * Who sees and sets a field: `public` (all), `readonly` (shown, never accepted), `writeonly`
 * (accepted, never shown), `internal` (neither).
 */
export type Exposure = 'public' | 'readonly' | 'writeonly' | 'internal'

/** A condition on rows, as data: equality on the values of fields. */
export type RowCondition = Readonly<Record<string, string | number | boolean | null>>

export interface Uniqueness {
  /** Letters A–Z and a–z count as the same, in look-ups by equality too. */
  readonly ignoreCase?: boolean
  /** Unique among the rows that meet this condition only. */
  readonly where?: RowCondition
}

/** How the value of a field follows from that of another of the row. */
export interface Derivation {
  readonly from: string
  /** Never called with null, from which null follows. */
  readonly of: (value: string) => string
}

export interface FieldSpec {
  readonly use: KindUse
  readonly isOptional: boolean
  readonly hasDefault: boolean
  readonly defaultValue: unknown
  readonly exposure: Exposure
  /** The lowest role that may set it; undefined where whoever may write the row may. */
  readonly writableBy: Exclude<Role, 'user'> | undefined
  readonly unique: Uniqueness | undefined
  /** Whether a change of it counts as a change of the row. */
  readonly isTracked: boolean
  /** Where the repository itself works it out, on every write. */
  readonly derived: Derivation | undefined
  /** Whether answers tell beside it what the person is called whose id it is. */
  readonly isNamed: boolean
  /** The name it had before, for the migration that renames it. */
  readonly was: string | undefined
}

/** A field of a model. Each method answers a new field; none changes this one. */
export interface Field<
  Value = unknown,
  Optional extends boolean = boolean,
  Given extends boolean = boolean,
  Shown extends Exposure = Exposure,
> {
  readonly spec: FieldSpec
  /** For the types alone; never there at run time. */
  readonly valueType?: Value
  /** May be null; null when it is left out. */
  optional(): Field<Value, true, Given, Shown>
  /** Takes this value when it is left out. */
  default(value: Value): Field<Value, Optional, true, Shown>
  unique(options?: Uniqueness): Field<Value, Optional, Given, Shown>
  /** Shown, never accepted from outside. */
  readonly(): Field<Value, Optional, Given, 'readonly'>
  /** Accepted, never shown. */
  writeonly(): Field<Value, Optional, Given, 'writeonly'>
  /** Neither shown nor accepted. */
  internal(): Field<Value, Optional, Given, 'internal'>
  /**
   * Accepted from this role on, shown to all who may read. From others naming it is `invalid`, whichever way the value
   * comes to the repository: code that sets it on their behalf uses `system`.
   */
  writableBy(role: Exclude<Role, 'user'>): Field<Value, Optional, Given, Shown>
  /** A change of such fields alone leaves no entry in the audit trail and does not move `updated_at`. */
  untracked(): Field<Value, Optional, Given, Shown>
  /**
   * Answers add what the person is called whose id this is: `user_name` to `user_id`, `added_by_name` to `added_by`. For
   * references to the model whose rows own themselves.
   */
  named(): Field<Value, Optional, Given, Shown>
  /** The field's former name: the next migration renames the column and keeps its values. */
  was(name: string): Field<Value, Optional, Given, Shown>
}

export type AnyField = Field<unknown, boolean, boolean, Exposure>
export type FieldMap = Readonly<Record<string, AnyField>>

/** A field of this kind: required, public. `Given` is true where a value is made when none is given. */
export function createField<Value, Given extends boolean = false>(
  use: KindUse,
): Field<Value, false, Given, 'public'> {
  return fromSpec({
    use,
    isOptional: false,
    hasDefault: false,
    defaultValue: undefined,
    exposure: 'public',
    writableBy: undefined,
    unique: undefined,
    isTracked: true,
    derived: undefined,
    isNamed: false,
    was: undefined,
  })
}

/** A field that the repository works out from another whenever that is written. */
export function createDerivedField(
  use: KindUse,
  derived: Derivation,
): Field<string, false, true, 'internal'> {
  const { spec } = createField<string, true>(use)
  // It says nothing that its source does not say: the audit trail leaves it out.
  return fromSpec({ ...spec, exposure: 'internal', derived, isTracked: false })
}

function fromSpec<V, O extends boolean, G extends boolean, E extends Exposure>(
  spec: FieldSpec,
): Field<V, O, G, E> {
  return Object.freeze({
    spec: Object.freeze(spec),
    optional: () => fromSpec<V, true, G, E>({ ...spec, isOptional: true }),
    default: (value: V) =>
      fromSpec<V, O, true, E>({ ...spec, hasDefault: true, defaultValue: value }),
    unique: (options: Uniqueness = {}) => fromSpec<V, O, G, E>({ ...spec, unique: options }),
    readonly: () => fromSpec<V, O, G, 'readonly'>({ ...spec, exposure: 'readonly' }),
    writeonly: () => fromSpec<V, O, G, 'writeonly'>({ ...spec, exposure: 'writeonly' }),
    internal: () => fromSpec<V, O, G, 'internal'>({ ...spec, exposure: 'internal' }),
    writableBy: (role: Exclude<Role, 'user'>) =>
      fromSpec<V, O, G, E>({ ...spec, writableBy: role }),
    untracked: () => fromSpec<V, O, G, E>({ ...spec, isTracked: false }),
    named: () => fromSpec<V, O, G, E>({ ...spec, isNamed: true }),
    was: (name: string) => fromSpec<V, O, G, E>({ ...spec, was: name }),
  })
}
