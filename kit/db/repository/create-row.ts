import type { Awaitable, ColumnRow, Statement } from '../types.ts'
import { assertWritten, newOwnerOf, refusedBy } from './assert-writable.ts'
import type { BoundModel, Patch } from './bound-model.ts'
import { recordCreation } from './record.ts'
import { assertReferences } from './references.ts'
import { slot, toStatement } from './slots.ts'
import { toNewRow } from './values.ts'
import { writeValues } from './write.ts'

export async function createRow(bound: BoundModel, input: Patch): Promise<ColumnRow> {
  const { plan } = bound
  const checked = toCheckedRow(bound, input)
  const row = checked instanceof Promise ? await checked : checked
  const hasId = row['id'] !== null
  const statement = plan.statement(hasId ? 'insert with id' : 'insert', () =>
    insert(bound, hasId ? plan.columns : plan.columnsWithoutId),
  )
  const values = statement.slots.map((name) => plan.encode(name, row[name]))
  const storing = writeValues(bound, statement, values)
  const [stored] = storing instanceof Promise ? await storing : storing
  if (stored) row['id'] = plan.decode(stored)['id']
  const recording = recordCreation(bound, row)
  if (recording) await recording
  return row
}

/** The whole row that an input makes, as its writer may write it. */
export function toCheckedRow(bound: BoundModel, input: Patch): Awaitable<ColumnRow> {
  const { plan } = bound
  const row = toNewRow(plan.model, {
    input,
    ownerId: newOwnerOf(bound, input),
    refused: refusedBy(bound, input),
    nowMs: bound.binding.nowMs(),
  })
  const checking = assertReferences(bound, row)
  const accept = () => {
    assertWritten(bound, row)
    return row
  }
  return checking ? checking.then(accept) : accept()
}

function insert({ plan }: BoundModel, given: readonly string[]): Statement {
  const query = plan.dialect.compiler
    .insertInto(plan.model.table)
    .values(Object.fromEntries(given.map((name) => [name, slot(name)])))
  return toStatement(given.includes('id') ? query : query.returning('id'))
}
