import { type Fault, invalidInput, type Parsed, parse, toInstant } from '#kit/core'
import { type AnyModel, derivedFrom, type Field, isChecked } from '#kit/model'
import type { ColumnRow } from '../types.ts'

type Values = Readonly<Record<string, unknown>>

export interface NewRow {
  readonly input: Values
  /** Whose it becomes; undefined where the input says it. */
  readonly ownerId: string | undefined
  readonly nowMs: number
  /** Faults that were found already. */
  readonly refused: readonly Fault[]
}

/** A whole new row: what was given, its owner, defaults, id and times. Throws `invalid` with all faults. */
export function toNewRow(model: AnyModel, { input, ownerId, nowMs, refused }: NewRow): ColumnRow {
  const mould = mouldOf(model)
  const row = mould.fill(check(model, input, refused))
  if (model.owner !== undefined && ownerId !== undefined) row[model.owner] = ownerId
  if (mould.isUuid) row['id'] ??= Bun.randomUUIDv7('hex', nowMs)
  row['created_at'] ??= toInstant(nowMs)
  row['updated_at'] ??= row['created_at']
  Object.assign(row, derivedFrom(model, row))
  assertComplete(mould, row)
  return row
}

/** What a new row of a model is made with. */
interface Mould {
  /** All fields in the order of the columns: what is given, else the default, else null. */
  readonly fill: (given: Values) => ColumnRow
  /** What must not be null when it is stored. */
  readonly required: readonly string[]
  readonly isUuid: boolean
}

const moulds = new WeakMap<AnyModel, Mould>()

function mouldOf(model: AnyModel): Mould {
  return moulds.get(model) ?? rememberMould(model)
}

function rememberMould(model: AnyModel): Mould {
  const mould = {
    fill: compileFill(model),
    required: Object.entries(model.fields)
      .filter(([, { spec }]) => !spec.isOptional && !spec.derived && spec.use.generate !== 'serial')
      .map(([name]) => name),
    isUuid: model.fields['id']?.spec.use.generate === 'uuid',
  }
  moulds.set(model, mould)
  return mould
}

/** Compiled, so that all rows of a model have one shape. The names are identifiers (`defineModel` sees to it). */
function compileFill(model: AnyModel): Mould['fill'] {
  const fields = Object.entries(model.fields)
  const others = fields.map(([, { spec }]) => (spec.hasDefault ? spec.defaultValue : null))
  const members = fields.map(
    ([name], at) => `${name}: given.${name} === undefined ? others[${at}] : given.${name}`,
  )
  const make = new Function('others', `return (given) => ({ ${members.join(', ')} })`)
  return make(others) as Mould['fill']
}

/**
 * The checked values of a patch: what is undefined is left out. Throws `invalid` with all faults, those that were found
 * already (`refused`) among them.
 */
export function toChanges(model: AnyModel, patch: Values, refused: readonly Fault[]): ColumnRow {
  const changes: ColumnRow = {}
  for (const [name, value] of Object.entries(check(model, patch, refused)))
    if (value !== undefined) changes[name] = value
  if ('id' in changes)
    throw invalidInput([{ path: 'id', code: 'readonly', message: 'Cannot change.' }])
  return Object.assign(changes, derivedFrom(model, changes))
}

/** The values as the fields' schemas answer them, unless they came from the model's own schema. */
function check(model: AnyModel, values: Values, refused: readonly Fault[]): Values {
  if (isChecked(model, values) && refused.length === 0) return values
  const faults: Fault[] = [...refused]
  const checked: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    const result = checkField(model.fields[name], name, value)
    if (result.ok) checked[name] = result.value
    else faults.push(...result.errors)
  }
  if (faults.length > 0) throw invalidInput(faults)
  return checked
}

function checkField(field: Field | undefined, name: string, value: unknown): Parsed<unknown> {
  if (!field)
    return { ok: false, errors: [{ path: name, code: 'unknown', message: 'Is not a field.' }] }
  if (field.spec.derived)
    return { ok: false, errors: [{ path: name, code: 'readonly', message: 'Is derived.' }] }
  if (value === undefined || (value === null && field.spec.isOptional)) return { ok: true, value }
  return parse(field.spec.use.schema, value, [name])
}

function assertComplete({ required }: Mould, row: ColumnRow): void {
  const missing = required.filter((name) => row[name] === null)
  if (missing.length === 0) return
  throw invalidInput(missing.map((path) => ({ path, code: 'required', message: 'Is required.' })))
}
