import { Problem } from '#kit/core'
import { slot, toStatement } from '../../repository/slots.ts'
import type { ColumnRow } from '../../types.ts'
import { AuditEntry } from '../audit-models.ts'
import { ask } from './read-entries.ts'
import type { UndoContext } from './undo-context.ts'
import { nameOf, type UndoEntry } from './undo-entry.ts'

/** Nothing of an undo is done where one part of it cannot be. */
export function cannotUndo(entry: UndoEntry, reason: string): Problem {
  return new Problem('conflict', `${capital(nameOf(entry))} cannot be undone: ${reason}`)
}

/** The row is no longer as the entry left it. Says who changed it, by which entry. */
export async function refuseForLater(context: UndoContext, entry: UndoEntry): Promise<never> {
  const later = await newestAfter(context, entry)
  if (!later) throw cannotUndo(entry, 'the row is not as the entry left it, and no entry says why.')
  const by = describe(later)
  if (later['undoes'] === entry.id) throw cannotUndo(entry, `that was done already, by ${by}.`)
  throw cannotUndo(entry, `a later write stands in the way: ${by}. Undo that one first.`)
}

/** Another row refers to the one that is to go. */
export async function refuseForReferrer(
  context: UndoContext,
  entry: UndoEntry,
  referrer: { readonly model: string; readonly rowId: string },
): Promise<never> {
  const name = `${referrer.model} ${referrer.rowId}`
  const writer = await newestAfter(context, { ...entry, ...referrer })
  if (!writer) throw cannotUndo(entry, `${name} refers to the row.`)
  throw cannotUndo(
    entry,
    `${name} refers to the row, since ${describe(writer)}. Undo that one first.`,
  )
}

/** The newest entry of the row that is not older than this one. */
async function newestAfter(
  { executor, dialect, planOf, modelNamed }: UndoContext,
  { chain, seq, createdAt, model, rowId }: UndoEntry,
): Promise<ColumnRow | undefined> {
  const plan = planOf(AuditEntry)
  const statement = plan.statement('undo newest', () =>
    toStatement(
      dialect.compiler
        .selectFrom(AuditEntry.table)
        .select(['id', 'action', 'actor_id', 'created_at', 'undoes'])
        .where('model', 'in', [slot('model'), slot('present')])
        .where('row_id', '=', slot('rowId'))
        .where('created_at', '>=', slot('createdAt'))
        .where((eb) => eb.or([eb('chain', '!=', slot('chain')), eb('seq', '>', slot('seq'))]))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit((eb) => eb.lit(1)),
    ),
  )
  // The model may have been renamed in between.
  const present = modelNamed(model)?.name ?? model
  const rows = await ask(executor, statement, { chain, seq, createdAt, model, present, rowId })
  return rows[0]
}

function describe({ id, action, actor_id: actorId, created_at: at }: ColumnRow): string {
  const who = actorId === null ? 'nobody signed in' : `actor ${actorId}`
  return `entry ${id} (${action}, ${at}, ${who})`
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
