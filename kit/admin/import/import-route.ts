import { z } from 'zod'
import { FaultList, type ImportRow, placeIn, readRows } from '#kit/csv'
import { csvBody } from '#kit/http'
import type { AdminDeclaration, AdminRequest } from '../admin-routes.ts'
import type { AdminPlan } from '../define-admin.ts'
import { createRows } from './create-rows.ts'
import { findClashes } from './find-clashes.ts'

/**
 * More rows might hold the writer longer than one unit of work may: a second on SQLite. This many, with the audit trail,
 * held it for 0.3 to 0.9 s on a machine of two busy cores. `plinth import` takes any number.
 */
const mostRows = 5000

type ImportRequest = AdminRequest & {
  readonly body: Uint8Array
  readonly query: { readonly dry_run?: boolean }
}

const importReport = z
  .object({
    rows: z.int().min(0).meta({ description: 'How many there are in the file.' }),
    created: z.int().min(0),
    dry_run: z.boolean(),
  })
  .meta({ id: 'ImportReport' })

/** The route that takes in CSV: all of its rows in one unit of work, or none. */
export function importRoute(plan: AdminPlan): AdminDeclaration {
  const { model, path } = plan
  return {
    name: `admin.${model.name}.import`,
    summary: `Create ${model.table.replaceAll('_', ' ')} from CSV`,
    description: `All rows or none, ${mostRows} at most. The header names fields, as an export does.`,
    method: 'POST',
    path: `${path}/import`,
    query: { dry_run: dryRun },
    form: csvBody,
    result: importReport,
    problems: ['invalid', 'conflict'],
    prepare: (request: ImportRequest) => readChecked(plan, request),
    handle: async (request: ImportRequest & { readonly prepared: readonly ImportRow[] }) => {
      const { everyone, prepared: rows, query } = request
      const isDry = query.dry_run ?? false
      if (!isDry) await createRows({ repositories: everyone, model, rows })
      return { rows: rows.length, created: isDry ? 0 : rows.length, dry_run: isDry }
    },
  }
}

const dryRun = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .meta({ type: 'boolean', enum: undefined, description: 'Only looks for faults.' })
  .optional()

/** The rows of the body. Throws with all that is wrong with them. */
async function readChecked({ model, form }: AdminPlan, request: ImportRequest) {
  const { everyone, actor, body } = request
  const faults = new FaultList()
  const rows: ImportRow[] = []
  const options = { model, fields: form, ownerId: actor.id, faults }
  for await (const some of readRows([body], options)) {
    rows.push(...some)
    const over = rows[mostRows]
    if (!over) continue
    const message = `There may be ${mostRows} rows at most. For more, use: plinth import`
    faults.add({ path: placeIn(over.line), code: 'too_big', message })
    break
  }
  const isWhole = rows.length <= mostRows
  if (isWhole) faults.add(...(await findClashes({ repositories: everyone, model, rows })))
  faults.assertNone()
  return rows
}
