import type { Awaitable, ColumnRow, Statement } from '../types.ts'
import { assertWritten, newOwnerOf, refusedBy } from './assert-writable.ts'
import type { BoundModel, Patch } from './bound-model.ts'
import { recordCreation } from './record.ts'
import { assertReferences } from './references.ts'
import { slot, toStatement } from './slots.ts'
import { toNewRow } from './values.ts'
import { write } from './write.ts'

export async function createRow(bound: BoundModel, input: Patch): Promise<ColumnRow> {
  const { plan } = bound
  const checked = toCheckedRow(bound, input)
  const row = checked instanceof Promise ? await checked : checked
  const given = plan.columns.filter((name) => row[name] !== null || name !== 'id')
  const statement = plan.statement(`insert ${given.length}`, () => insert(bound, given))
  const values = Object.fromEntries(given.map((name) => [name, plan.encode(name, row[name])]))
  const [stored] = await write(bound, statement, values)
  if (stored) row['id'] = plan.decode(stored)['id']
  await recordCreation(bound, row)
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
