import { type Fault, invalidInput, type Parsed, parse, toInstant } from '#kit/core'
import { type AnyModel, type Field, isChecked } from '#kit/model'
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
  const given = check(model, input, refused)
  const now = toInstant(nowMs)
  const row: ColumnRow = {}
  for (const [name, { spec }] of Object.entries(model.fields)) {
    const value = given[name]
    row[name] = value !== undefined ? value : spec.hasDefault ? spec.defaultValue : null
  }
  if (model.owner !== undefined && ownerId !== undefined) row[model.owner] = ownerId
  if (model.fields['id']?.spec.use.generate === 'uuid') row['id'] ??= Bun.randomUUIDv7('hex', nowMs)
  row['created_at'] ??= now
  row['updated_at'] ??= row['created_at']
  assertComplete(model, row)
  return row
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
  return changes
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
  if (value === undefined || (value === null && field.spec.isOptional)) return { ok: true, value }
  return parse(field.spec.use.schema, value, [name])
}

function assertComplete(model: AnyModel, row: ColumnRow): void {
  const faults: Fault[] = []
  for (const [name, { spec }] of Object.entries(model.fields))
    if (row[name] === null && !spec.isOptional && spec.use.generate !== 'serial')
      faults.push({ path: name, code: 'required', message: 'Is required.' })
  if (faults.length > 0) throw invalidInput(faults)
}
