import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { BoundRepositories } from '#kit/db'
import type { Role } from '#kit/model'
import { eachDialect } from '#kit/testing'
import { type AnyKysely, buildChange, buildSelect, type Executable } from './build-query.ts'
import { assertAlike, isOk, models, openWorlds, type Worlds } from './isolation-worlds.ts'
import { anyCommand, perform } from './random-command.ts'
import { anyChange, anySelect } from './random-query.ts'

const anyRole = fc.constantFrom<Role>('user', 'staff', 'admin')
const loose = (db: BoundRepositories) => db.query(...models) as unknown as AnyKysely

interface Property<T> {
  readonly runs: number
  readonly given: fc.Arbitrary<T>
  readonly work: (db: BoundRepositories, given: T) => unknown
}

/** Checks the property in both worlds; answers which part of the attempts did more than fail. */
async function check<T>(worlds: Worlds, { runs, given, work }: Property<T>): Promise<number> {
  let succeeded = 0
  await fc.assert(
    fc.asyncProperty(anyRole, given, async (role, value) => {
      const outcome = await assertAlike(worlds, role, (db) => work(db, value))
      if (isOk(outcome)) succeeded += 1
    }),
    { numRuns: runs },
  )
  return succeeded / runs
}

// Each of them asserts that most attempts succeed: a property of statements that all fail would show nothing.
eachDialect('no row of another owner', (dialect) => {
  test('is read by any query', async () => {
    const share = await check(await openWorlds(dialect), {
      runs: 400,
      given: anySelect,
      work: (db, select) => (buildSelect(loose(db), select) as unknown as Executable).execute(),
    })
    expect(share).toBeGreaterThan(0.6)
  }, 30_000)

  test('is read or changed by any update or delete', async () => {
    const share = await check(await openWorlds(dialect), {
      runs: 300,
      given: anyChange,
      work: (db, change) => buildChange(loose(db), change).execute(),
    })
    expect(share).toBeGreaterThan(0.5)
  }, 30_000)

  test('is read or changed by any calls of repositories', async () => {
    const share = await check(await openWorlds(dialect), {
      runs: 400,
      given: fc.array(anyCommand, { minLength: 1, maxLength: 3 }),
      work: async (db, commands) => {
        const answers = []
        for (const command of commands) answers.push(await perform(db, command))
        return answers
      },
    })
    expect(share).toBeGreaterThan(0.2)
  }, 30_000)
})
