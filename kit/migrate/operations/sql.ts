import { z } from 'zod'
import { Problem } from '#kit/core'
import type { DialectName } from '#kit/model'
import { always, defineOperation, each, nothing } from './kind.ts'
import { faultOfStatement } from './statement-fault.ts'

const statement = z.string().superRefine((text, context) => {
  const message = faultOfStatement(text)
  if (message) context.addIssue({ code: 'custom', message })
})

const schema = z.strictObject({
  op: z.literal('sql'),
  sqlite: z.array(statement).exactOptional(),
  postgres: z.array(statement).exactOptional(),
})

/**
 * Statements written by hand, for each engine: values moved, a trigger made. What it does is unknown to
 * snapshots; columns and indexes of models are changed by the other kinds.
 */
export const sql = defineOperation({
  name: 'sql',
  schema,
  subject: ({ sqlite, postgres }) => (sqlite ?? postgres)?.[0]?.slice(0, 40) ?? '',
  apply: (_, before) => before,
  invert: () => undefined,
  losses: nothing,
  canOrphan: always,
  steps: {
    sqlite: each(({ operation }) => statementsFor('sqlite', operation.sqlite)),
    postgres: each(({ operation }) => statementsFor('postgres', operation.postgres)),
  },
})

function statementsFor(
  dialect: DialectName,
  statements: readonly string[] | undefined,
): readonly string[] {
  if (statements) return statements
  throw new Problem(
    'conflict',
    `This sql operation has no statements for ${dialect}. Add them; an empty list where there is nothing to do.`,
  )
}
