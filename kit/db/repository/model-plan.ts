import type { AnyModel } from '#kit/model'
import type { ColumnRow, Dialect, Statement, Value } from '../types.ts'
import type { Scope } from './scope.ts'

type Convert = (value: unknown) => unknown

/** What is worked out once for a model on an engine. */
export interface ModelPlan {
  readonly model: AnyModel
  readonly dialect: Dialect
  readonly columns: readonly string[]
  /** Those that an insert gives where the database makes the id. */
  readonly columnsWithoutId: readonly string[]
  /** The value of a column for the value of a row. */
  readonly encode: (column: string, value: unknown) => Value
  /** The column value of a row that is not softly removed. */
  readonly activeValue: Value
  /** Turns a row of columns into a row of values, in place. */
  readonly decode: (row: ColumnRow) => ColumnRow
  /** The statement of this shape, compiled at its first use. */
  readonly statement: (shape: string, compile: () => Statement) => Statement
  /** As `statement`, for what depends on nothing but the scope: no name of a shape is put together to look it up. */
  readonly statementIn: (scope: Scope, verb: string, compile: () => Statement) => Statement
}

/** Most shapes of statements kept for one model; the oldest makes room. */
const keptShapes = 300

const plans = new WeakMap<Dialect, WeakMap<AnyModel, ModelPlan>>()

export function planOf(model: AnyModel, dialect: Dialect): ModelPlan {
  return plans.get(dialect)?.get(model) ?? rememberPlan(model, dialect)
}

function rememberPlan(model: AnyModel, dialect: Dialect): ModelPlan {
  const plan = createPlan(model, dialect)
  const ofDialect = plans.get(dialect) ?? new WeakMap<AnyModel, ModelPlan>()
  plans.set(dialect, ofDialect.set(model, plan))
  return plan
}

function createPlan(model: AnyModel, dialect: Dialect): ModelPlan {
  const converters = (direction: 'encode' | 'decode'): [string, Convert][] =>
    Object.entries(model.fields).flatMap(([name, { spec }]) => {
      const convert = spec.use.kind[direction]?.[dialect.name]
      return convert ? [[name, convert] satisfies [string, Convert]] : []
    })
  const encoders = new Map(converters('encode'))
  const decoders = converters('decode')
  const encode: ModelPlan['encode'] = (column, value) => {
    const convert = encoders.get(column)
    const isGiven = value !== null && value !== undefined
    return (convert && isGiven ? convert(value) : (value ?? null)) as Value
  }
  return {
    model,
    dialect,
    columns: Object.keys(model.fields),
    columnsWithoutId: Object.keys(model.fields).filter((name) => name !== 'id'),
    encode,
    activeValue: encode('is_active', true),
    decode: compileDecode(decoders),
    statement: createStatements(),
    statementIn: createScopeStatements(),
  }
}

/** Compiled, since every row that is read goes through it. The names are identifiers (`defineModel` sees to it). */
function compileDecode(decoders: readonly [string, Convert][]): ModelPlan['decode'] {
  const lines = decoders.map(
    ([name], at) => `if (row.${name} != null) row.${name} = decoders[${at}][1](row.${name})`,
  )
  const make = new Function('decoders', `return (row) => { ${lines.join('; ')}; return row }`)
  return make(decoders) as ModelPlan['decode']
}

/** There are few scopes and few such verbs: all are kept. */
function createScopeStatements(): ModelPlan['statementIn'] {
  const byVerb = new Map<string, Map<string, Statement>>()
  return ({ key }, verb, compile) => {
    const found = byVerb.get(verb)?.get(key)
    if (found) return found
    const statement = compile()
    const ofVerb = byVerb.get(verb) ?? new Map<string, Statement>()
    byVerb.set(verb, ofVerb.set(key, statement))
    return statement
  }
}

function createStatements(): ModelPlan['statement'] {
  const statements = new Map<string, Statement>()
  return (shape, compile) => {
    const found = statements.get(shape)
    if (found) return found
    const statement = compile()
    statements.set(shape, statement)
    if (statements.size > keptShapes)
      for (const oldest of statements.keys()) {
        statements.delete(oldest)
        break
      }
    return statement
  }
}
