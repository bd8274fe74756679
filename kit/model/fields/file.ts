import { z } from 'zod'
import { type AnyField, createField, type Field } from '../field.ts'
import type { FieldKind } from '../kind.ts'
import type { AnyModel } from '../model.ts'
import { textSchema } from './text.ts'

/** What a row and an answer say of a file. */
export interface FileValue {
  /** As the sender called it, made harmless. */
  readonly name: string
  /** The media type that its bytes show, whatever the sender said. */
  readonly type: string
  /** In bytes. */
  readonly size: number
  /** Where it is, path and query: another one for each file. */
  readonly url: string
}

export interface FileOptions {
  /** The most bytes that it may have. */
  readonly max: number
  /** The media types that it may be of, such as `image/png`. */
  readonly types: readonly string[]
}

/** Most characters of a file's name. */
export const mostInFileName = 150

const schema: z.ZodType<FileValue> = z.strictObject({
  name: textSchema({ min: 1, max: mostInFileName }),
  type: textSchema({ min: 3, max: 100 }),
  size: z.int().min(1),
  url: textSchema({ min: 1, max: 500 }),
})

/** Encoded as JSON is: the file itself is elsewhere. */
export const fileKind: FieldKind = Object.freeze({
  name: 'file',
  column: { sqlite: 'TEXT', postgres: 'text COLLATE "C"' },
  encode: { sqlite: JSON.stringify, postgres: JSON.stringify },
  decode: { sqlite: readValue, postgres: readValue },
  fromText: () => undefined,
  toCell: (value: unknown) => (value as FileValue).url,
  operators: [],
  widget: 'file',
  isStructured: true,
  isFile: true,
  isText: false,
  isSerial: false,
} as const)

function readValue(value: unknown): unknown {
  return JSON.parse(String(value))
}

/** What a browser runs. Of these none may be a field's. */
const runnable = /^(?:text\/(?!plain$)|.*(?:xml|html|script|svg|wasm|java|flash))/

/**
 * A file, or null. It is shown and never part of a JSON body: it comes by a request of its own (`fileRoutes`), and the
 * row holds what is known of it. Throws TypeError for types that a browser would run.
 */
export function file(options: FileOptions): Field<FileValue, true, false, 'readonly'> {
  const { max, types } = options
  const wrong = types.filter((type) => !/^[a-z]+\/[a-z0-9.+-]+$/.test(type) || runnable.test(type))
  if (wrong.length > 0 || types.length === 0)
    throw new TypeError(`A file cannot be of these types: ${wrong.join(', ') || 'none'}.`)
  if (!Number.isSafeInteger(max) || max < 1) throw new TypeError('A file has a most of bytes.')
  const use = { kind: fileKind, schema, options: Object.freeze({ max, types: [...types] }) }
  return createField<FileValue>(use).optional().readonly()
}

/** The limits of a field that holds files. Throws TypeError for one that does not. */
export function fileOptionsOf(model: AnyModel, name: string): FileOptions {
  const use = model.fields[name]?.spec.use
  if (!use?.kind.isFile) throw new TypeError(`${model.name}.${name} is no file.`)
  return use.options as unknown as FileOptions
}

const named = new WeakMap<AnyModel, readonly string[]>()

/** The fields of a model that hold files. */
export function fileFieldsOf(model: AnyModel): readonly string[] {
  const known = named.get(model)
  if (known) return known
  const isFile = ([, { spec }]: readonly [string, AnyField]) => spec.use.kind.isFile === true
  const names = Object.entries(model.fields)
    .filter(isFile)
    .map(([name]) => name)
  named.set(model, names)
  return names
}
