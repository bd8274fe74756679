import { z } from 'zod'
import { Problem } from '#kit/core'
import { type Id, idsBodyOf } from './admin-body.ts'
import type { AdminDeclaration, AdminRequest } from './admin-routes.ts'
import type { AdminPlan } from './define-admin.ts'

type BulkRequest = AdminRequest & { readonly body: { readonly ids: readonly Id[] } }

/** The routes that do something to many rows: all of them, or none. An id of no row is left out of the count. */
export function bulkRoutes(plan: AdminPlan): AdminDeclaration[] {
  const actions = Object.entries(plan.actions).flatMap(([name, { label, rule }]) =>
    rule ? [bulkAction(plan, { name, label, rule })] : [],
  )
  return plan.hasBulkDelete ? [...actions, bulkDelete(plan)] : actions
}

const deletedCount = z
  .object({ deleted: z.int().min(0).meta({ description: 'How many rows there were to remove.' }) })
  .meta({ id: 'DeletedCount' })

const changedCount = z
  .object({ changed: z.int().min(0).meta({ description: 'How many rows there were to change.' }) })
  .meta({ id: 'ChangedCount' })

function bulkDelete({ model, path }: AdminPlan): AdminDeclaration {
  return {
    name: `admin.${model.name}.bulk_delete`,
    summary: `Remove ${manyOf(model.table)} for good`,
    method: 'POST',
    path: `${path}/bulk-delete`,
    body: idsBodyOf(model),
    result: deletedCount,
    problems: ['conflict'],
    handle: async ({ everyone, body }: BulkRequest) => {
      const removed = await everyone(model).removeMany({ id: { in: body.ids } }, { forGood: true })
      return { deleted: removed }
    },
  }
}

interface Action {
  readonly name: string
  readonly label: string
  readonly rule: NonNullable<AdminPlan['actions'][string]['rule']>
}

function bulkAction({ model, path }: AdminPlan, { name, label, rule }: Action): AdminDeclaration {
  return {
    name: `admin.${model.name}.bulk_${name.replaceAll('-', '_')}`,
    summary: `${label} (many ${manyOf(model.table)})`,
    method: 'POST',
    path: `${path}/bulk-${name}`,
    body: idsBodyOf(model),
    result: changedCount,
    problems: ['conflict'],
    handle: async ({ everyone, body, actor, nowMs }: BulkRequest) => {
      const call = { actor, nowMs: nowMs() }
      const rows = everyone(model)
      let changed = 0
      // In one order whoever asks, so that two at once do not wait for each other.
      for (const id of [...body.ids].sort(byId))
        if (await isThere(rows.change(id, (row) => rule(row, call)))) changed += 1
      return { changed }
    },
  }
}

function byId(a: Id, b: Id): number {
  return a < b ? -1 : 1
}

async function isThere(change: Promise<unknown>): Promise<boolean> {
  try {
    await change
    return true
  } catch (error) {
    if (error instanceof Problem && error.kind.code === 'not_found') return false
    throw error
  }
}

function manyOf(table: string): string {
  return table.replaceAll('_', ' ')
}
