import type { AnyModel } from '#kit/model'
import { describeConflict } from '../constraint-fault.ts'
import type { Awaitable, ColumnRow, Statement, Value } from '../types.ts'
import { type BoundModel, bindSlots } from './bound-model.ts'

/** Runs a statement that writes and answers rows. Throws `conflict` with the fields that a constraint is on. */
export function write(
  bound: BoundModel,
  statement: Statement,
  values: Readonly<Record<string, Value>>,
): Awaitable<ColumnRow[]> {
  return writeValues(bound, statement, bindSlots(statement, values))
}

/** As `write`, for values that stand in the order of the statement's slots. */
export function writeValues(
  { plan, binding }: BoundModel,
  statement: Statement,
  values: readonly Value[],
): Awaitable<ColumnRow[]> {
  return described(plan.model, () => binding.executor.all(statement, values))
}

function described(model: AnyModel, work: () => Awaitable<ColumnRow[]>): Awaitable<ColumnRow[]> {
  const refuse = (error: unknown): never => {
    throw describeConflict(model, error)
  }
  try {
    const result = work()
    return result instanceof Promise ? result.catch(refuse) : result
  } catch (error) {
    return refuse(error)
  }
}
