import { z } from 'zod'
import { getColumn, getTable, withTable } from '../snapshot.ts'
import { defineOperation, never, nothing } from './kind.ts'
import { appendOnlySchema, nameSchema } from './schemas.ts'

/** Rows are from now on only ever added, or may be changed again. Every operation sets the guards that it calls for. */
export const setAppendOnly = defineOperation({
  name: 'set_append_only',
  schema: z.strictObject({
    op: z.literal('set_append_only'),
    table: nameSchema,
    rule: appendOnlySchema.nullable(),
  }),
  subject: ({ table }) => table,
  apply: ({ table: name, rule }, before) => {
    const { appendOnly: _, ...table } = getTable(before, name)
    if (rule?.until) {
      getColumn(getTable(before, name), rule.until.field)
      getColumn(getTable(before, name), rule.until.position)
    }
    return withTable(before, rule ? { ...table, appendOnly: rule } : table)
  },
  invert: ({ table }, before) => ({
    op: 'set_append_only',
    table,
    rule: getTable(before, table).appendOnly ?? null,
  }),
  losses: nothing,
  canOrphan: never,
  steps: { sqlite: nothing, postgres: nothing },
})
