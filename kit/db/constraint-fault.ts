import { Problem } from '#kit/core'
import { type AnyModel, sourceOf } from '#kit/model'

/**
 * A constraint of the database refused a write. `names` are the columns, or the one name of the index,
 * as far as the engine says. Shown to callers as `conflict`.
 */
export class ConstraintFault extends Problem {
  readonly constraint: 'unique' | 'reference'
  readonly names: readonly string[]

  constructor(constraint: 'unique' | 'reference', names: readonly string[], cause: unknown) {
    const detail =
      constraint === 'unique'
        ? 'A row with these values exists already.'
        : 'It refers to a row that is not there, or another row still refers to it.'
    super('conflict', detail, { cause })
    this.constraint = constraint
    this.names = names
  }
}

/**
 * What the database refuses of a value itself: none in a column that must have one, one against a check. Models refuse
 * it before; a hand-written query may not.
 */
export function valueFault(columns: readonly string[], cause: unknown): Problem {
  const errors = columns.map((path) => ({ path, code: 'required', message: 'Is required.' }))
  const detail = errors[0] ? `${errors[0].path}: Is required.` : 'A value is not allowed here.'
  return new Problem('invalid', detail, { cause, errors })
}

/** The conflict of a write to this model, its fields named; any other error as it is. */
export function describeConflict(model: AnyModel, error: unknown): unknown {
  if (!(error instanceof ConstraintFault) || error.constraint !== 'unique') return error
  const fields = fieldsOf(model, error.names)
    .filter((name) => model.fields[name])
    .map((name) => sourceOf(model, name))
  if (fields.length === 0) return error
  return new Problem(
    'conflict',
    `A ${model.name} with this ${fields.join(' and ')} exists already.`,
    {
      cause: error.cause,
      errors: fields.map((path) => ({ path, code: 'taken', message: 'Is taken.' })),
    },
  )
}

function fieldsOf(model: AnyModel, names: readonly string[]): readonly string[] {
  const [first = ''] = names
  if (model.fields[first]) return names
  const index = model.indexes
    .filter(
      ({ unique, fields }) => unique && first.startsWith(`${model.table}_${fields.join('_')}`),
    )
    .sort((a, b) => b.fields.length - a.fields.length)[0]
  return index?.fields ?? []
}
