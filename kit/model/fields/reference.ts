import { createField, type Field } from '../field.ts'
import type { FieldKind, Reference } from '../kind.ts'
import type { AnyModel, IdOf } from '../model.ts'
import { integerKind } from './integer.ts'

export interface ReferenceOptions {
  /** What becomes of this row when the other is removed for good. Default: the removal is refused. */
  readonly onDelete?: Reference['onDelete']
}

/** The id of a row of another model. That the row exists is checked by the database. */
export function reference<M extends AnyModel>(
  model: M,
  options: ReferenceOptions = {},
): Field<IdOf<M>, false, false, 'public'> {
  const target = model.fields['id']
  if (!target) throw new TypeError(`Model ${model.name} has no id.`)
  return createField({
    kind: referenceKind(target.spec.use.kind),
    schema: target.spec.use.schema,
    options: { of: model.name },
    references: { model: () => model, onDelete: options.onDelete ?? 'restrict' },
  })
}

/** A column that holds another model's id takes that id's kind, without its numbering. */
function referenceKind(target: FieldKind): FieldKind {
  const kind = target.isSerial ? integerKind : target
  return Object.freeze({ ...kind, widget: 'reference', operators: ['eq', 'in'] } as const)
}
