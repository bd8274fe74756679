import { z } from 'zod'
import { Problem } from '#kit/core'
import { quote } from '../engine/sql-text.ts'
import { createIndexesSql } from '../engine/sqlite-ddl.ts'
import { indexName, primaryKeyName, referenceName } from '../names.ts'
import {
  type Column,
  findTable,
  getTable,
  type Snapshot,
  type Table,
  withMark,
  withTable,
} from '../snapshot.ts'
import { defineOperation, each, never, nothing } from './kind.ts'
import { nameSchema } from './schemas.ts'

export const renameTable = defineOperation({
  name: 'rename_table',
  schema: z.strictObject({ op: z.literal('rename_table'), from: nameSchema, to: nameSchema }),
  subject: ({ from, to }) => `${from} to ${to}`,
  apply: ({ from, to }, before) => {
    if (findTable(before, to)) throw new Problem('conflict', `There is a table "${to}" already.`)
    const renamed = withTable(before, renamedTable(getTable(before, from), to), from)
    return referencesMoved(renamed, from, to)
  },
  invert: ({ from, to }) => ({ op: 'rename_table', from: to, to: from }),
  losses: nothing,
  follow: ({ from, to }, place) => (place.table === from ? { ...place, table: to } : place),
  canOrphan: never,
  steps: {
    sqlite: each(({ operation: { from, to }, before, after }) => [
      ...getTable(before, from).indexes.map(({ name }) => `DROP INDEX ${quote(name)}`),
      `ALTER TABLE ${quote(from)} RENAME TO ${quote(to)}`,
      ...createIndexesSql(getTable(after, to)),
    ]),
    postgres: each(({ operation: { from, to }, before }) => [
      `ALTER TABLE ${quote(from)} RENAME TO ${quote(to)}`,
      `ALTER TABLE ${quote(to)} RENAME CONSTRAINT ${quote(primaryKeyName(from))} TO ${quote(primaryKeyName(to))}`,
      ...getTable(before, from).indexes.map(
        (index) => `ALTER INDEX ${quote(index.name)} RENAME TO ${quote(indexName(to, index))}`,
      ),
      ...getTable(before, from)
        .columns.filter(({ references }) => references && findTable(before, references.table))
        .map(
          ({ name }) =>
            `ALTER TABLE ${quote(to)} RENAME CONSTRAINT ${quote(referenceName(from, name))} TO ${quote(referenceName(to, name))}`,
        ),
    ]),
  },
})

function renamedTable(table: Table, to: string): Table {
  const indexes = table.indexes.map((index) => ({ ...index, name: indexName(to, index) }))
  return { ...table, name: to, indexes }
}

/** Both engines let references follow the table. */
function referencesMoved(snapshot: Snapshot, from: string, to: string): Snapshot {
  const follow = (column: Column): Column =>
    column.references?.table === from
      ? { ...column, references: { ...column.references, table: to } }
      : column
  const tables = snapshot.tables.map((table) =>
    withMark({ ...table, columns: table.columns.map(follow) }, (until) =>
      until.table === from ? { ...until, table: to } : until,
    ),
  )
  return { tables }
}
