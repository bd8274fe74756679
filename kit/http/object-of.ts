import { z } from 'zod'
import { entityTag } from '#kit/db'
import { type AnyModel, type Row, toRowSchema, toWire } from '#kit/model'
import { peopleIn, withPeople } from './people.ts'
import type { Result } from './types.ts'

interface RowOrNull<M extends AnyModel = AnyModel> {
  readonly orNull: M
}

/** A member of an answer: a row, a row or null, a list of rows, or a value that a schema describes. */
type Member = AnyModel | RowOrNull | readonly [AnyModel] | z.ZodType

type ValueOf<T> = T extends readonly [infer M extends AnyModel]
  ? readonly Row<M>[]
  : T extends RowOrNull<infer M>
    ? Row<M> | null
    : T extends AnyModel
      ? Row<T>
      : T extends z.ZodType
        ? z.input<T>
        : never

type Members = Readonly<Record<string, Member>>

export interface ObjectOptions<S> {
  /**
   * The member that is the row which the answer is about: the answer has its entity tag, the one that `If-Match` is
   * compared with.
   */
  readonly entity?: keyof S & string
}

/**
 * Answers an object of rows and other values: `objectOf({ item: Item, lines: [Line], total: z.int() })`. Rows show what
 * they always show, with the names of people.
 */
export function objectOf<const S extends Members>(
  members: S,
  options: ObjectOptions<S> = {},
): Result<{ readonly [K in keyof S]: ValueOf<S[K]> }> {
  const forms = Object.entries(members).map(([name, member]) => [name, formOf(member)] as const)
  const main =
    options.entity === undefined ? undefined : forms.find(([name]) => name === options.entity)
  const tagged = main?.[1].model
  const shown = forms.map(([, { model }]) => model).find((model) => model !== undefined)
  const encode = (value: unknown) =>
    Object.fromEntries(
      forms.map(([name, form]) => [name, form.encode((value as Values)[name])] as const),
    )
  return Object.freeze({
    schema: z.object(Object.fromEntries(forms.map(([name, { schema }]) => [name, schema]))),
    model: tagged ?? shown,
    hasEntityTag: false,
    isPage: false,
    encode,
    ...(tagged ? { headers: tagOf(tagged, options.entity ?? ''), tagsPart: forms.length > 1 } : {}),
    ...withPeople(
      forms.flatMap(([name, { model, rowsOf }]) =>
        model ? peopleIn(model, (object) => rowsOf((object as Values)[name])) : [],
      ),
    ),
  })
}

/** A member that is a row of this model, or null. */
export function orNull<M extends AnyModel>(model: M): RowOrNull<M> {
  return Object.freeze({ orNull: model })
}

type Values = Readonly<Record<string, unknown>>

interface Form {
  readonly schema: z.ZodType
  readonly model: AnyModel | undefined
  readonly encode: (value: unknown) => unknown
  readonly rowsOf: (shown: unknown) => readonly unknown[]
}

function formOf(member: Member): Form {
  if (Array.isArray(member)) {
    const form = rowForm((member as readonly [AnyModel])[0])
    return {
      ...form,
      schema: z.array(form.schema),
      encode: (rows) => (rows as readonly unknown[]).map(form.encode),
      rowsOf: (shown) => shown as readonly unknown[],
    }
  }
  if ('orNull' in member) {
    const form = rowForm(member.orNull)
    return {
      ...form,
      schema: form.schema.nullable(),
      encode: (row) => (row === null ? null : form.encode(row)),
      rowsOf: (shown) => (shown === null ? [] : [shown]),
    }
  }
  if ('table' in member) return rowForm(member)
  const schema = member as z.ZodType
  return { schema, model: undefined, encode: (value) => schema.parse(value), rowsOf: () => [] }
}

function rowForm(model: AnyModel): Form {
  const show = toWire(model)
  return {
    schema: toRowSchema(model),
    model,
    encode: (row) => show(row as Values),
    rowsOf: (shown) => [shown],
  }
}

/** Of the row alone, whatever else the answer tells. */
function tagOf(model: AnyModel, member: string) {
  const show = toWire(model)
  return (value: unknown): Record<string, string> => {
    const row = (value as Values)[member]
    return row ? { etag: entityTag(JSON.stringify(show(row as Values))) } : {}
  }
}
