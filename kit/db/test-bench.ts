import { afterAll, beforeAll, beforeEach } from 'bun:test'
import { Problem } from '#kit/core'
import { type Actor, anonymous } from '#kit/model'
import type { TestDialect } from '#kit/testing'
import { bindEveryone, bindRepositories, bindSystem } from './bind.ts'
import { models, Person } from './test-models.ts'
import type { Binding, BoundRepositories, Database } from './types.ts'

export const startMs = Date.parse('2026-03-08T09:30:00.000Z')

/** A database with three people in it, new before each test: ada and bob, who are users, and root, an admin. */
export function createBench(dialect: TestDialect) {
  const clock = { nowMs: startMs }
  const actors: Record<string, Actor> = {}
  let database: Database
  const binding = (who: string): Omit<Binding, 'executor'> => ({
    actor: actors[who] ?? anonymous,
    nowMs: () => clock.nowMs,
  })
  const system = <T>(work: (db: BoundRepositories) => Promise<T>): Promise<T> =>
    database.write('test', (unit) =>
      work(bindSystem(database, { ...binding('nobody'), executor: unit })),
    )
  beforeAll(async () => {
    database = await dialect.open(models)
  })
  beforeEach(async () => {
    clock.nowMs = startMs
    await database.write('clean', async (unit) => {
      for (const table of ['links', 'notes', 'people', 'notices'])
        await unit.executeChange(`DELETE FROM "${table}"`)
    })
    for (const name of ['ada', 'bob', 'root']) {
      const { id } = await system((db) => db(Person).create({ name, secret_hash: 'x' }))
      actors[name] = { id, role: name === 'root' ? 'admin' : 'user', sessionId: 's' }
    }
  })
  afterAll(() => database.close())
  return {
    clock,
    system,
    idOf: (who: string) => actors[who]?.id ?? '',
    reading: (who: string) =>
      bindRepositories(database, { ...binding(who), executor: database.reader }),
    everyone: (who: string) =>
      bindEveryone(database, { ...binding(who), executor: database.reader }),
    writing: <T>(
      who: string,
      work: (db: BoundRepositories) => Promise<T>,
      precondition?: Binding['precondition'],
    ): Promise<T> =>
      database.write('test', (unit) =>
        work(bindRepositories(database, { ...binding(who), executor: unit, precondition })),
      ),
  }
}

/** `done`, or the code of the problem. */
export function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Problem ? error.kind.code : String(error)),
  )
}
