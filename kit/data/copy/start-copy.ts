import { Problem } from '#kit/core'
import { type Layout, readLayout } from '../layout.ts'
import { assertMigrated } from '../migrate-to.ts'
import { removeRows } from '../store-rows.ts'
import { type Connection, inWrite } from '../transaction.ts'
import type { CopyOptions } from './copy-database.ts'
import { beginState, type CopyState, clearTables, readState } from './copy-state.ts'

export interface CopyStartOptions {
  readonly target: Connection
  /** Of the source. */
  readonly layout: Layout
  readonly options: Pick<CopyOptions, 'source' | 'sets' | 'isRestarted'>
}

/** The state of the copy that is under way, or of one that begins here. Throws `conflict` where it is another's. */
export async function startOrGoOn(start: CopyStartOptions): Promise<CopyState> {
  const { target, layout, options } = start
  const found = await readState(target)
  if (found === undefined) return begin(start)
  if (found.start.source !== options.source)
    throw new Problem(
      'conflict',
      `The target holds a copy of ${found.start.source} that was not finished. Go on with that one, or name a new database.`,
    )
  if (JSON.stringify(found.start.migrations) !== JSON.stringify(layout.migrations))
    throw new Problem(
      'conflict',
      'The source was migrated since the copy began. Name a new database.',
    )
  if (!options.isRestarted) return found
  await inWrite(target, async () => {
    await removeRows(target.executor, await readLayout({ ...target, sets: options.sets }))
    await clearTables(target)
  })
  return { start: found.start, tables: new Map() }
}

async function begin({ target, layout, options }: CopyStartOptions): Promise<CopyState> {
  return inWrite(target, async () => {
    const { executor, engine } = target
    const made = await readLayout({ executor, engine, sets: options.sets })
    assertMigrated(made, layout.migrations)
    const references = await engine.suspend(executor, layout.circular)
    // What migrations themselves have put in comes with the source.
    await removeRows(executor, made)
    const start = { source: options.source, migrations: [...layout.migrations], references }
    await beginState(target, start)
    return { start, tables: new Map() }
  })
}
