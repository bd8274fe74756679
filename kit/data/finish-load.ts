import { Problem } from '#kit/core'
import { createDigest, type Digest, digestOf, isSame } from './digest.ts'
import { quote, readOne } from './engine/sql-text.ts'
import type { Layout, TableLayout } from './layout.ts'
import { createPace, type WorkOptions } from './progress.ts'
import type { Connection } from './transaction.ts'

/** What a table must hold after its rows were moved. */
export interface Expected extends Digest {
  readonly name: string
  /** The last number its rows were given; zero where it is not numbered. */
  readonly last: number
}

export interface Load {
  readonly layout: Layout
  readonly expected: readonly Expected[]
  /** The statements that bring suspended references back. */
  readonly references: readonly string[]
  readonly options: WorkOptions
}

/**
 * Ends a load within its transaction: numbering goes on where it was, references hold again, and every table is read
 * and compared. Throws `conflict` where anything differs.
 */
export async function finishLoad(connection: Connection, load: Load): Promise<void> {
  const { executor, engine } = connection
  for (const { name, last } of load.expected.filter(({ name }) => isNumbered(load.layout, name))) {
    const highest = Number((await readOne(executor, `SELECT max("id") FROM ${quote(name)}`)) ?? 0)
    await engine.writeNumbering(executor, name, Math.max(last, highest))
  }
  for (const statement of load.references) await executor.execute(statement)
  const orphans = await engine.findOrphans(executor)
  if (orphans.length > 0)
    throw new Problem('conflict', `Rows refer to others that are not there: ${orphans.join(', ')}.`)
  await assertSame(connection, load)
}

function isNumbered({ tables }: Layout, name: string): boolean {
  return tables.some((table) => table.name === name && table.isNumbered)
}

async function assertSame({ executor, engine }: Connection, load: Load): Promise<void> {
  const different: string[] = []
  for (const table of load.layout.tables) {
    const expected = load.expected.find(({ name }) => name === table.name) ?? nothing
    const pace = createPace(load.options, progressOf(table, expected))
    const found = await digestOf(executor, { engine, table }, pace)
    if (!isSame(found, expected)) different.push(differenceOf(table, expected, found))
  }
  if (different.length > 0) throw new Problem('conflict', different.join(' '))
}

const nothing: Digest = createDigest().finish()

function progressOf(table: TableLayout, { rows: total }: Digest) {
  return { phase: 'verifying' as const, table: table.name, rows: 0, total }
}

function differenceOf({ name }: TableLayout, expected: Digest, found: Digest): string {
  return expected.rows === found.rows
    ? `The rows of ${name} are not those that were to be stored: their checksums differ.`
    : `${name} has ${found.rows} rows, not ${expected.rows}.`
}
