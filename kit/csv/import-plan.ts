import { type Fault, parse } from '#kit/core'
import { type AnyModel, type Field, shownFieldsOf, toInputSchema } from '#kit/model'
import { fromGuarded } from './cell.ts'
import { placeIn } from './fault-list.ts'
import type { Cell, CsvRecord } from './read-records.ts'

/** A row that was read: what the model's `create` takes, and where it stands. */
export interface ImportRow {
  readonly line: number
  readonly input: Readonly<Record<string, unknown>>
}

export interface ImportOptions {
  readonly model: AnyModel
  /** Whose rows they become where the file does not say it; undefined for nobody's. */
  readonly ownerId: string | undefined
}

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly Fault[] }

/** Turns a record into a row, or tells all that is wrong with it. */
export type ToRow = (record: CsvRecord) => Read<ImportRow>

/** What stands in one column; columns that are shown but never accepted are passed over. */
interface Target {
  readonly name: string
  readonly read: ((cell: Cell) => unknown) | undefined
}

/** A cell that holds no value of its field. */
const unreadable = Symbol('unreadable')

/** How the records under this header are read. The header may name the columns of our own exports, in any order. */
export function planImport(options: ImportOptions, header: CsvRecord): Read<ToRow> {
  const names = header.cells.map((cell) => (cell ?? '').trim())
  const errors = headerFaults(options, header.line, names)
  if (errors.length > 0) return { ok: false, errors }
  const accepted = acceptedFieldsOf(options.model)
  const targets = names.map((name): Target => {
    const field = accepted[name]
    return { name, read: field && readerOf(field) }
  })
  const toInput = compileInput(options, targets)
  return {
    ok: true,
    value: (record) =>
      record.cells.length === targets.length
        ? toInput(record)
        : { ok: false, errors: [raggedFault(record, targets.length)] },
  }
}

function raggedFault({ line, cells }: CsvRecord, expected: number): Fault {
  const message = `Has ${cells.length} values where the header has ${expected}.`
  return { path: placeIn(line), code: 'columns', message }
}

/** The fields of an input, and whose the row is. */
function acceptedFieldsOf(model: AnyModel): Readonly<Record<string, Field | undefined>> {
  return Object.fromEntries(
    Object.entries(model.fields).filter(
      ([name, { spec }]) =>
        spec.exposure === 'public' ||
        spec.exposure === 'writeonly' ||
        (name === model.owner && name !== 'id'),
    ),
  )
}

function headerFaults(options: ImportOptions, line: number, names: readonly string[]): Fault[] {
  const { model } = options
  const accepted = acceptedFieldsOf(model)
  const shown = shownFieldsOf(model)
  const fault = (name: string, code: string, message: string): Fault => ({
    path: placeIn(line, name),
    code,
    message,
  })
  const unknown = names
    .filter((name) => !accepted[name] && !shown[name])
    .map((name) => fault(name, 'unknown', unknownMessage(name, Object.keys(accepted))))
  const repeated = [...new Set(names.filter((name, at) => names.indexOf(name) < at))].map((name) =>
    fault(name, 'repeated', 'Is named more than once in the header.'),
  )
  const missing = Object.entries(accepted)
    .filter(([name, field]) => !names.includes(name) && field && isNeeded(options, name, field))
    .map(([name]) => fault(name, 'required', 'Is required: the header must name it.'))
  return [...unknown, ...repeated, ...missing]
}

function isNeeded({ model, ownerId }: ImportOptions, name: string, { spec }: Field): boolean {
  if (name === model.owner && ownerId !== undefined) return false
  return !spec.isOptional && !spec.hasDefault && !spec.use.generate
}

function unknownMessage(name: string, known: readonly string[]): string {
  if (name === '') return 'The header has a column without a name.'
  if (name.includes(';') || name.includes('\t')) return 'Columns must be separated by commas.'
  return `There is no such column. There are: ${known.join(', ')}.`
}

/**
 * Nothing in a cell is null where that may be, else an empty text where that may be, else as if it were left out. `""`
 * is an empty text where that may be, and nothing otherwise.
 */
function readerOf({ spec }: Field): (cell: Cell) => unknown {
  const { kind, schema } = spec.use
  const read = kind.fromCell ?? kind.fromText
  const emptyText = kind.isText && schema.safeParse('').success ? '' : undefined
  const nothing = spec.isOptional ? null : emptyText
  return (cell) => {
    if (cell === null) return nothing
    if (cell === '') return emptyText ?? nothing
    const value = read(fromGuarded(cell))
    return value === undefined ? unreadable : value
  }
}

function compileInput({ model, ownerId }: ImportOptions, targets: readonly Target[]): ToRow {
  const schema = toInputSchema(model)
  return (record) => {
    const { values, errors } = readCells(model, targets, record)
    const owner = takeOwner({ model, ownerId }, values)
    if (owner === undefined) errors.push(ownerFault(model, record.line))
    const parsed = parse(schema, values, ['line', record.line])
    if (!parsed.ok) {
      const told = new Set(errors.map(({ path }) => path))
      errors.push(...parsed.errors.filter(({ path }) => !told.has(path)))
    }
    if (!parsed.ok || errors.length > 0) return { ok: false, errors }
    const input = parsed.value as ImportRow['input']
    const isOwned = Object.keys(owner ?? {}).length > 0
    return {
      ok: true,
      value: { line: record.line, input: isOwned ? { ...input, ...owner } : input },
    }
  }
}

interface ReadCells {
  readonly values: Record<string, unknown>
  readonly errors: Fault[]
}

function readCells(
  model: AnyModel,
  targets: readonly Target[],
  { line, cells }: CsvRecord,
): ReadCells {
  const values: Record<string, unknown> = {}
  const errors: Fault[] = []
  for (const [at, { name, read }] of targets.entries()) {
    const value = read?.(cells[at] ?? null)
    if (value === unreadable) {
      const kind = model.fields[name]?.spec.use.kind.name
      errors.push({
        path: placeIn(line, name),
        code: 'type',
        message: `Must be a value of this kind: ${kind}.`,
      })
    } else if (value !== undefined) values[name] = value
  }
  return { values, errors }
}

/** Takes the owner out of the values, which the schema of an input does not know. Undefined where one is missing. */
function takeOwner(
  { model, ownerId }: ImportOptions,
  values: Record<string, unknown>,
): Readonly<Record<string, unknown>> | undefined {
  const name = model.owner
  if (name === undefined || name === 'id') return {}
  const { [name]: given = ownerId } = values
  delete values[name]
  if (given !== undefined) return { [name]: given }
  return model.fields[name]?.spec.isOptional ? {} : undefined
}

function ownerFault({ owner }: AnyModel, line: number): Fault {
  return { path: placeIn(line, owner), code: 'required', message: 'Is required.' }
}
