import { z } from 'zod'
import { type Fault, parse } from '#kit/core'
import {
  type AnyModel,
  type Field,
  shownFieldsOf,
  toInputFieldSchema,
  toInputSchema,
} from '#kit/model'
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
  /** What a file may set. Default: the fields of the model's input, and the owner. */
  readonly fields?: readonly string[] | undefined
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
  const accepted = acceptedFieldsOf(options)
  const targets = names.map((name): Target => {
    const field = accepted[name]
    return { name, read: field && readerOf(field) }
  })
  const toInput = compileInput(options, { accepted, targets })
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

/** The fields that a file may set. */
function acceptedFieldsOf({ model, fields }: ImportOptions): Readonly<Record<string, Field>> {
  const names = fields ?? Object.keys(model.fields).filter((name) => isAccepted(model, name))
  return Object.fromEntries(
    names.flatMap((name) => {
      const field = model.fields[name]
      return field ? [[name, field] as const] : []
    }),
  )
}

function isAccepted(model: AnyModel, name: string): boolean {
  const exposure = model.fields[name]?.spec.exposure
  return exposure === 'public' || exposure === 'writeonly' || name === ownerOf(model)
}

/** The column that says whose a row is, where a row does not own itself. */
function ownerOf({ owner }: AnyModel): string | undefined {
  return owner === 'id' ? undefined : owner
}

function headerFaults(options: ImportOptions, line: number, names: readonly string[]): Fault[] {
  const { model } = options
  const accepted = acceptedFieldsOf(options)
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
    .filter(([name, field]) => !names.includes(name) && isNeeded(options, name, field))
    .map(([name]) => fault(name, 'required', 'Is required: the header must name it.'))
  return [...unknown, ...repeated, ...missing]
}

function isNeeded({ model, ownerId }: ImportOptions, name: string, { spec }: Field): boolean {
  if (name === ownerOf(model) && ownerId !== undefined) return false
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

interface Layout {
  readonly accepted: Readonly<Record<string, Field>>
  readonly targets: readonly Target[]
}

function compileInput(options: ImportOptions, { accepted, targets }: Layout): ToRow {
  const { model, ownerId } = options
  const schema = schemaOf(model, accepted)
  const owner = ownerOf(model)
  const isOwnerAccepted = owner !== undefined && accepted[owner] !== undefined
  return (record) => {
    const { values, errors } = readCells(model, targets, record)
    if (isOwnerAccepted && values[owner] === undefined && ownerId !== undefined)
      values[owner] = ownerId
    const parsed = parse(schema, values, ['line', record.line])
    if (!parsed.ok) {
      const told = new Set(errors.map(({ path }) => path))
      errors.push(...parsed.errors.filter(({ path }) => !told.has(path)))
    }
    if (!parsed.ok || errors.length > 0) return { ok: false, errors }
    const input = parsed.value as ImportRow['input']
    const isLeftOut = owner !== undefined && !isOwnerAccepted && ownerId !== undefined
    const owned = isLeftOut ? { ...input, [owner]: ownerId } : input
    return { ok: true, value: { line: record.line, input: owned } }
  }
}

/** The model's own where it serves: what came out of that need not be checked again. */
function schemaOf(model: AnyModel, accepted: Layout['accepted']): z.ZodType {
  const own = Object.keys(model.fields).filter(
    (name) => isAccepted(model, name) && name !== ownerOf(model),
  )
  const isOwn = own.length === Object.keys(accepted).length && own.every((name) => accepted[name])
  if (isOwn) return toInputSchema(model)
  const shape = Object.entries(accepted).map(([name, field]) => [name, toInputFieldSchema(field)])
  return z.strictObject(Object.fromEntries(shape))
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
