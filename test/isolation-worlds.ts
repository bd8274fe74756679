import { expect } from 'bun:test'
import { Problem } from '#kit/core'
import {
  type Binding,
  type BoundRepositories,
  bindRepositories,
  type Database,
  type Executor,
  type Unit,
  type Value,
} from '#kit/db'
import { defineModel, f, type Role } from '#kit/model'
import type { TestDialect } from '#kit/testing'

/*
 * Non-interference: what an actor reads and does in a database that holds everybody's rows is exactly what he
 * reads and does in one that holds only the rows he may see. No count, join or error can then tell of others.
 */

const text = () => f.text({ max: 50 })
export const User = defineModel('user', {
  owner: { field: 'id' },
  access: { read: 'owner', write: 'owner' },
  fields: { label: text(), rank: f.integer() },
})
export const Note = defineModel('note', {
  owner: { field: 'user_id', of: User },
  access: { read: 'owner', write: 'owner' },
  // So that updates from other tables, which are not recorded, are tried as well.
  audit: false,
  fields: { label: text(), rank: f.integer() },
})
export const Tag = defineModel('tag', {
  owner: { field: 'user_id', of: User },
  access: { read: 'owner', write: 'owner' },
  // So that updates from other tables, which are not recorded, are tried as well.
  audit: false,
  fields: {
    label: text(),
    rank: f.integer(),
    note_id: f.reference(Note, { onDelete: 'set null' }).optional(),
  },
})
/** Everybody reads it, its owner alone writes it. */
export const Post = defineModel('post', {
  owner: { field: 'user_id', of: User },
  access: { read: 'user', write: 'owner' },
  softDelete: true,
  fields: { label: text(), rank: f.integer() },
})
export const models = [User, Note, Tag, Post] as const

type Cells = Record<string, Value>
const names = ['ada', 'bob', 'eve'] as const
const stamp = '2026-01-01T00:00:00.000Z'
const stamps = { created_at: stamp, updated_at: stamp }

export function idOf(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
}

/** Every row there is, by table; ids in turns, so that no owner's rows stand together. */
const allRows: Readonly<Record<string, readonly Cells[]>> = {
  users: names.map((name, i) => ({ id: idOf(i), label: name, rank: i, ...stamps })),
  notes: rowsOf('note', () => ({})),
  tags: rowsOf('tag', (i, turn) => ({
    note_id: turn === 0 ? null : idOf(100 + i + 3 * (turn - 1)),
  })),
  posts: rowsOf('post', (_, turn) => ({ is_active: turn < 3 })),
}

function rowsOf(kind: string, more: (owner: number, turn: number) => Cells): Cells[] {
  const start = { note: 100, tag: 200, post: 300 }[kind] ?? 0
  return [0, 1, 2, 3].flatMap((turn) =>
    names.map((name, i) => ({
      id: idOf(start + i + 3 * turn),
      user_id: idOf(i),
      label: `${name} ${kind} ${turn}`,
      rank: (i * 5 + turn * 3) % 7,
      ...more(i, turn),
      ...stamps,
    })),
  )
}

const actorIndex = 1
const actorId = idOf(actorIndex)

function isOwn(table: string, row: Cells): boolean {
  return (table === 'users' ? row['id'] : row['user_id']) === actorId
}

/** What the actor may see: his own rows, everybody's living posts. Users stay, for the posts refer to them. */
function isVisible(table: string, row: Cells): boolean {
  return isOwn(table, row) || (table === 'posts' && row['is_active'] === true)
}

async function fill(database: Database, isKept: (table: string, row: Cells) => boolean) {
  const { dialect } = database
  await database.write('fill', async (unit) => {
    for (const [table, rows] of Object.entries(allRows))
      for (const row of rows.filter((each) => isKept(table, each))) {
        const cells = Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, dialect.encodeParameter(value)]),
        )
        const { sql, parameters } = dialect.compiler.insertInto(table).values(cells).compile()
        await unit.execute(sql, parameters as Value[])
      }
  })
}

class RolledBack extends Error {}

/** Does the work as the actor and takes it back: what it answered, and how every table then looked. */
async function tryOut(database: Database, role: Role, work: (db: BoundRepositories) => unknown) {
  let outcome: unknown
  let after: Record<string, Cells[]> | undefined
  const attempt = database.write('probe', async (unit) => {
    outcome = await outcomeOf(() => work(bindRepositories(database, bindingOf(unit, role))))
    // A statement that the database refused has ended the unit: then nothing of it is kept.
    after = await dump(unit).catch(() => undefined)
    throw new RolledBack()
  })
  await attempt.catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error
  })
  return { outcome, after: after ?? (await dump(database.reader)) }
}

function bindingOf(executor: Unit, role: Role): Binding {
  const actor = { id: actorId, role, sessionId: 'session' }
  return { executor, actor, nowMs: () => Date.parse(stamp) + 1000 }
}

async function outcomeOf(work: () => unknown): Promise<unknown> {
  try {
    return { ok: sorted(await work()) }
  } catch (error) {
    if (error instanceof Problem) return { problem: error.kind.code }
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

function sorted(result: unknown): unknown {
  return Array.isArray(result) ? result.map((row) => JSON.stringify(row)).sort() : result
}

async function dump(executor: Executor): Promise<Record<string, Cells[]>> {
  const tables: Record<string, Cells[]> = {}
  for (const { table } of models)
    tables[table] = (await executor.execute(`SELECT * FROM ${table} ORDER BY id`)) as Cells[]
  return tables
}

export const knownIds = new Set(
  Object.values(allRows).flatMap((rows) => rows.map((row) => String(row['id']))),
)

/** Ids made during the work are its own each time. */
function withoutNewIds(value: unknown): unknown {
  const text = JSON.stringify(value) ?? 'null'
  const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
  const shown: unknown = JSON.parse(text.replace(uuid, (id) => (knownIds.has(id) ? id : 'new')))
  return shown
}

export interface Worlds {
  readonly everybodys: Database
  readonly own: Database
}

/** Asserts that the work is answered alike in both worlds and leaves alike rows; answers its outcome. */
export async function assertAlike(
  worlds: Worlds,
  role: Role,
  work: (db: BoundRepositories) => unknown,
) {
  const inAll = await tryOut(worlds.everybodys, role, work)
  const inOwn = await tryOut(worlds.own, role, work)
  expect(withoutNewIds(inAll.outcome)).toEqual(withoutNewIds(inOwn.outcome))
  for (const { table } of models) {
    const foreign = (row: Cells) => !isOwn(table, row)
    const untouched = (await tryOut(worlds.everybodys, role, () => undefined)).after[table] ?? []
    expect(inAll.after[table]?.filter(foreign)).toEqual(untouched.filter(foreign))
    const own = (rows: readonly Cells[] = []) => rows.filter((row) => isOwn(table, row))
    expect(withoutNewIds(own(inAll.after[table]))).toEqual(withoutNewIds(own(inOwn.after[table])))
  }
  return inAll.outcome
}

export function isOk(outcome: unknown): boolean {
  return typeof outcome === 'object' && outcome !== null && 'ok' in outcome
}

/** Two databases: with the rows of all, and with only those that the actor may see. */
export async function openWorlds(dialect: TestDialect): Promise<Worlds> {
  const everybodys = await dialect.open(models)
  const own = await dialect.open(models)
  await fill(everybodys, () => true)
  // The posts of others need their users: they stay, emptied of all they say.
  await fill(own, (table, row) => table === 'users' || isVisible(table, row))
  await own.write('hide', (unit) =>
    unit.execute(`UPDATE users SET label = 'hidden', rank = -1 WHERE id <> '${actorId}'`),
  )
  return { everybodys, own }
}
