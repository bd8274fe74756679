import fc from 'fast-check'
import { type AnyField, type AnyModel, defineModel, type Field, f } from '#kit/model'

/** A field as drawn: enough to make one of `f` from it. */
interface DrawnField {
  readonly name: string
  readonly was: string | undefined
  readonly kind: keyof typeof samples
  readonly mode: 'optional' | 'default' | 'required'
  readonly unique: 'no' | 'yes' | 'ignoreCase' | 'where'
}

interface DrawnModel {
  readonly name: string
  readonly was: string | undefined
  readonly isNumbered: boolean
  readonly softDelete: boolean
  readonly refersTo: string | undefined
  readonly fields: readonly DrawnField[]
  readonly indexed: readonly string[]
}

/** How each kind is declared, its default, and values that differ from one another. */
export const samples = {
  text: { field: () => f.text({ max: 99 }), initial: "it's", value: (n: number) => `Text "${n}"` },
  choice: { field: () => f.choice(['a', 'b']), initial: 'a', value: (n: number) => `choice ${n}` },
  integer: { field: () => f.integer(), initial: -7, value: (n: number) => n * 1000 },
  number: { field: () => f.number(), initial: 0.5, value: (n: number) => n + 0.25 },
  boolean: { field: () => f.boolean(), initial: true, value: (n: number) => n % 2 === 0 },
  json: { field: () => f.json(), initial: { a: [1, "'"] }, value: (n: number) => ({ n }) },
  instant: {
    field: () => f.instant(),
    initial: '2026-01-02T03:04:05.678Z',
    value: (n: number) => `2026-01-02T03:04:05.00${n}Z`,
  },
  date: { field: () => f.date(), initial: '2026-01-02', value: (n: number) => `2026-02-0${n}` },
} as const

const modelNames = ['apple', 'pear', 'plum'] as const
const fieldNames = ['f', 'g', 'h', 'f_g', 'i'] as const

const drawnField = (name: string): fc.Arbitrary<DrawnField> =>
  fc.record({
    name: fc.constant(name),
    was: fc.option(fc.constantFrom(...fieldNames), { nil: undefined, freq: 3 }),
    kind: fc.constantFrom(...(Object.keys(samples) as (keyof typeof samples)[])),
    mode: fc.constantFrom(
      'optional',
      'optional',
      'optional',
      'default',
      'default',
      'default',
      'required',
    ),
    unique: fc.constantFrom('no', 'no', 'yes', 'ignoreCase', 'where'),
  })

const drawnModel = (name: string): fc.Arbitrary<DrawnModel> =>
  fc.record({
    name: fc.constant(name),
    was: fc.option(fc.constantFrom(...modelNames), { nil: undefined, freq: 3 }),
    isNumbered: fc.boolean(),
    softDelete: fc.boolean(),
    refersTo: fc.option(fc.constantFrom(...modelNames), { nil: undefined }),
    fields: fc.subarray([...fieldNames]).chain((names) => fc.tuple(...names.map(drawnField))),
    indexed: fc.subarray([...fieldNames], { minLength: 1, maxLength: 3 }),
  })

const drawnSet = fc
  .subarray([...modelNames], { minLength: 1 })
  .chain((names) => fc.tuple(...names.map(drawnModel)))

/** Kinds that one can become without anybody's judgement. */
const nextKind: Readonly<Record<DrawnField['kind'], DrawnField['kind']>> = {
  text: 'choice',
  choice: 'text',
  integer: 'number',
  number: 'integer',
  boolean: 'integer',
  json: 'json',
  instant: 'date',
  date: 'instant',
}

type Dice = (chances: number) => boolean

/** Two sets; the second is far from the first, or near it, with some of its models and fields renamed, changed, gone. */
export const drawnPair = fc
  .tuple(drawnSet, drawnSet, fc.infiniteStream(fc.nat(9)))
  .map(([one, two, rolls]) => {
    const dice: Dice = (chances) => rolls.next().value < chances
    return { one, two: dice(1) ? two : edited(one, two, dice) }
  })

function edited(
  one: readonly DrawnModel[],
  fresh: readonly DrawnModel[],
  dice: Dice,
): readonly DrawnModel[] {
  const free: string[] = modelNames.filter((name) => one.every((model) => model.name !== name))
  const kept = one
    .filter(() => !dice(1))
    .map((model) => {
      const name = dice(3) ? free.shift() : undefined
      const more = fresh.find((other) => other.name === model.name)?.fields ?? []
      const fields = editedFields(model.fields, more, dice)
      const moved = name === undefined ? {} : { name, was: model.name }
      return { ...model, ...moved, fields, softDelete: model.softDelete !== dice(2) }
    })
  return [...kept, ...fresh.filter((model) => free.includes(model.name))]
}

function editedFields(
  old: readonly DrawnField[],
  fresh: readonly DrawnField[],
  dice: Dice,
): DrawnField[] {
  const free: string[] = fieldNames.filter((name) => old.every((field) => field.name !== name))
  const kept = old
    .filter(() => !dice(1))
    .map((field) => {
      const name = dice(4) ? free.shift() : undefined
      const moved = name === undefined ? {} : { name, was: field.name }
      const other = dice(4) ? fresh[0] : undefined
      const changed = other
        ? {
            kind: dice(7) ? nextKind[field.kind] : other.kind,
            mode: other.mode,
            unique: other.unique,
          }
        : {}
      return { ...field, ...changed, ...moved }
    })
  return [...kept, ...fresh.filter((field) => free.includes(field.name))]
}

export function toModels(drawn: readonly DrawnModel[]): AnyModel[] {
  const made = new Map<string, AnyModel>()
  for (const model of drawn) {
    const target = model.refersTo === undefined ? undefined : made.get(model.refersTo)
    made.set(model.name, toModel(model, target))
  }
  return [...made.values()]
}

function toModel(model: DrawnModel, target: AnyModel | undefined): AnyModel {
  const fields: Record<string, AnyField> = {}
  for (const field of model.fields) fields[field.name] = toField(field)
  if (target) fields['other_id'] = f.reference(target, { onDelete: 'cascade' }).optional()
  const indexed = model.indexed.filter((name) => fields[name])
  return defineModel(model.name, {
    id: (model.isNumbered ? f.serial() : f.uuid()) as Field,
    access: { read: 'anyone', write: 'anyone' },
    softDelete: model.softDelete,
    fields,
    indexes: indexed.length > 0 ? [indexed] : [],
    ...(model.was === undefined ? {} : { was: model.was }),
  })
}

function toField({ kind, mode, unique, was, name }: DrawnField): AnyField {
  const { field, initial } = samples[kind]
  let made = field() as Field
  if (mode === 'optional') made = made.optional()
  if (mode === 'default') made = made.default(initial)
  if (was !== undefined) made = made.was(was)
  // Two rows are never true or false alone; unique where that says something.
  if (unique === 'no' || typeof initial === 'boolean' || typeof initial === 'object') return made
  if (unique === 'where') return made.unique({ where: { [name]: initial } })
  return made.unique({ ignoreCase: unique === 'ignoreCase' })
}
