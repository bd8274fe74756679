import type { ModelPlan } from '../../repository/model-plan.ts'
import { recordCreation } from '../../repository/record.ts'
import type { ColumnRow } from '../../types.ts'
import { findLost, lostTarget, type Restoring } from './assert-targets.ts'
import { assertUntaken } from './assert-untaken.ts'
import { toRestoredRow } from './recorded-values.ts'
import { cannotUndo, refuseForLater } from './refuse.ts'
import { presentIds, toSql } from './rows-by-id.ts'
import type { UndoContext } from './undo-context.ts'
import { bindingFor, type Undoing } from './undo-run.ts'

interface Remaking extends Restoring {
  readonly undoing: Undoing
}

/** More rows than these are not held in memory for what they refer to. */
const mostHeld = 10_000
/** As many values as both engines take in one statement (SQLite: 32,766). */
const mostValues = 30_000

/**
 * Brings rows back that were removed for good, as they were to the last field. Those that refer to rows which are not
 * there yet are held until they are.
 */
export async function remakeRows(
  context: UndoContext,
  plan: ModelPlan,
  run: readonly Undoing[],
): Promise<void> {
  const held = context.held.get(plan.model) ?? []
  const { ready, waiting } = await sortOut(context, plan, [...held, ...run])
  const [tooMany] = waiting.slice(mostHeld)
  if (tooMany) throw lostTarget(...tooMany)
  context.held.set(
    plan.model,
    waiting.map(([{ undoing }]) => undoing),
  )
  if (ready.length > 0) await insertAll(context, plan, ready)
}

/** Brings back the rows that were held. Throws `conflict` where one refers to a row that did not come. */
export async function remakeHeld(context: UndoContext): Promise<void> {
  const countHeld = () => [...context.held.values()].flat().length
  for (let before = countHeld(); before > 0; ) {
    for (const model of context.held.keys()) await remakeRows(context, context.planOf(model), [])
    const after = countHeld()
    if (after === before) return refuseHeld(context)
    before = after
  }
}

async function refuseHeld(context: UndoContext): Promise<void> {
  for (const [model, held] of context.held) {
    const [first] = (await sortOut(context, context.planOf(model), held)).waiting
    if (first) throw lostTarget(...first)
  }
}

interface Sorted {
  readonly ready: readonly Remaking[]
  readonly waiting: readonly (readonly [Remaking, Lost])[]
}

type Lost = Parameters<typeof lostTarget>[1]

async function sortOut(
  context: UndoContext,
  plan: ModelPlan,
  run: readonly Undoing[],
): Promise<Sorted> {
  let ready = await toRemakings(context, plan, run)
  const waiting: (readonly [Remaking, Lost])[] = []
  // Without those that wait, others may lack what they refer to.
  for (;;) {
    const lost = await findLost(context, plan, { restorings: ready, along: ready })
    if (lost.size === 0) return { ready, waiting }
    waiting.push(...lost)
    ready = ready.filter((each) => !lost.has(each))
  }
}

async function toRemakings(
  context: UndoContext,
  plan: ModelPlan,
  run: readonly Undoing[],
): Promise<Remaking[]> {
  const ids = run.map(({ id }) => id)
  const taken = await presentIds(context, plan, ids)
  const remakings: Remaking[] = []
  for (const undoing of run) {
    const { entry, id } = undoing
    if (taken.has(id)) await refuseForLater(context, entry)
    const restored = toRestoredRow(plan.model, entry.before ?? {})
    if (!restored.ok) throw cannotUndo(entry, restored.reason)
    remakings.push({ undoing, entry, row: restored.values, values: restored.values })
  }
  return remakings
}

/**
 * In one statement, since they may refer to one another. Where they are too many for one, those go first that refer to
 * none of the others.
 */
async function insertAll(
  context: UndoContext,
  plan: ModelPlan,
  remakings: readonly Remaking[],
): Promise<void> {
  const most = Math.floor(mostValues / plan.columns.length)
  let left = remakings
  while (left.length > most) {
    const bound = await findLost(context, plan, { restorings: left, along: [] })
    const free = left.filter((each) => !bound.has(each)).slice(0, most)
    if (free.length === 0) break
    await insert(context, plan, free)
    const gone = new Set(free)
    left = left.filter((each) => !gone.has(each))
  }
  if (left.length > 0) await insert(context, plan, left)
}

async function insert(
  context: UndoContext,
  plan: ModelPlan,
  remakings: readonly Remaking[],
): Promise<void> {
  for (const each of remakings) await assertUntaken(context, plan, each)
  const rows = remakings.map(({ row }) =>
    Object.fromEntries(plan.columns.map((name) => [name, plan.encode(name, row[name])])),
  )
  const insertion = context.dialect.compiler.insertInto(plan.model.table).values(rows)
  await context.executor.executeChange(...toSql(insertion))
  await raiseNumbers(
    context,
    plan,
    remakings.map(({ row }) => row),
  )
  for (const { entry, row } of remakings)
    await recordCreation({ plan, binding: bindingFor(context, entry) }, row)
}

/** No new row gets a number that one of these has, whatever the database was restored from in between. */
async function raiseNumbers(
  { executor, dialect }: UndoContext,
  { model }: ModelPlan,
  rows: readonly ColumnRow[],
): Promise<void> {
  const { raiseNumbering } = dialect
  if (!raiseNumbering || !model.fields['id']?.spec.use.kind.isSerial) return
  const highest = Math.max(...rows.map((row) => Number(row['id'])))
  await executor.execute(raiseNumbering, [model.table, highest])
}
