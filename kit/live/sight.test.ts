import { beforeAll, expect, test } from 'bun:test'
import { Problem, toInstant } from '#kit/core'
import { type BoundRepositories, bindRepositories, bindSystem, type Database } from '#kit/db'
import { type Access, type Actor, type AnyModel, anonymous, defineModel, f } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { canSee } from './sight.ts'

const ids = ['a', 'b'].map((letter) => `019b76da-a800-7000-8000-00000000000${letter}`)
const nowMs = Date.UTC(2026, 0, 2)
const User = defineModel('user', {
  owner: { field: 'id' },
  access: { read: 'owner', write: 'owner' },
  fields: { name: f.text({ max: 20 }) },
})

function modelOf(read: Access, softDelete: boolean): AnyModel {
  return defineModel(`${read}_${softDelete ? 'soft' : 'hard'}`, {
    owner: { field: 'user_id', of: User },
    access: { read, write: 'owner' },
    softDelete,
    fields: { name: f.text({ max: 20 }) },
  })
}

const Paper = defineModel('paper', {
  owner: { field: 'user_id', of: User },
  access: {
    read: {
      least: 'anyone',
      where: ({ row, actor, now, all, any, not }) =>
        any(
          row.user_id.eq(actor.id),
          all(row.opens_at.lte(now), not(row.is_draft.eq(true))),
          all(actor.hasRole('staff'), row.pages.gt(10)),
        ),
    },
    write: 'owner',
  },
  softDelete: true,
  fields: {
    is_draft: f.boolean(),
    pages: f.integer().optional(),
    opens_at: f.instant().optional(),
  },
})
const words: readonly Access[] = ['anyone', 'owner', 'user', 'staff', 'admin']
const models = [...words.flatMap((word) => [modelOf(word, false), modelOf(word, true)]), Paper]

const actors: readonly Actor[] = [
  anonymous,
  ...ids.flatMap((id) =>
    (['user', 'staff', 'admin'] as const).map((role) => ({ id, role, sessionId: null })),
  ),
]

/** Values that decide something, in all their combinations. */
function* papers() {
  for (const is_draft of [true, false])
    for (const pages of [null, 10, 11])
      for (const ms of [null, nowMs - 1, nowMs, nowMs + 1])
        yield { is_draft, pages, opens_at: ms === null ? null : toInstant(ms) }
}

/** Some rows are removed softly, where that can be. */
async function fill(all: BoundRepositories, model: AnyModel): Promise<void> {
  const values = model === Paper ? [...papers()] : [{ name: 'x' }, { name: 'y' }]
  const inputs = ids.flatMap((user_id) => values.map((each) => ({ user_id, ...each })))
  const rows = await all(model).createMany(inputs as never[])
  if (!model.softDelete) return
  for (const row of rows.filter((_, at) => at % 5 > 2))
    await all(model).remove((row as { id: string }).id)
}

eachDialect('who sees a row', (dialect) => {
  let database: Database
  beforeAll(async () => {
    database = await dialect.open([User, ...models])
    await database.write('fill', async (executor) => {
      const all = bindSystem(database, { executor, actor: anonymous, nowMs: () => nowMs })
      for (const id of ids) await all(User).create({ id, name: 'x' })
      for (const model of models) await fill(all, model)
    })
  })

  test.each(models.map((model) => [model.name, model] as const))('%s', async (_, model) => {
    const binding = { executor: database.reader, nowMs: () => nowMs }
    const all = bindSystem(database, { ...binding, actor: anonymous })(model)
    const { rows } = await all.list({ limit: 100 })
    let seen = 0
    for (const actor of actors)
      for (const row of rows as Record<string, unknown>[]) {
        const found = await bindRepositories(database, { ...binding, actor })(model)
          .find(row['id'] as string)
          .catch((error: unknown) => {
            if (error instanceof Problem) return undefined
            throw error
          })
        const sees = canSee(model, actor, { row, now: toInstant(nowMs) })
        expect([actor, row, sees]).toEqual([actor, row, found !== undefined])
        seen += Number(sees)
      }
    expect(seen).toBeGreaterThan(0)
    expect(seen).toBeLessThanOrEqual(rows.length * actors.length)
  })
})
