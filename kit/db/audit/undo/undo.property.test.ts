import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Problem } from '#kit/core'
import { eachDialect } from '#kit/testing'
import type { ColumnRow } from '../../types.ts'
import { withLibrary } from './fixture/library.ts'
import { anyWrite, furnish, perform, type RandomWrite } from './fixture/random-writes.ts'

const anyUnit = fc.record({
  writes: fc.array(anyWrite, { minLength: 1, maxLength: 6 }),
  /** Units of one millisecond cannot be told apart by their times. */
  stepMs: fc.constantFrom(-1000, 1),
})
const anyUnits = fc.array(anyUnit, { minLength: 1, maxLength: 6 })
type RandomUnit = { readonly writes: readonly RandomWrite[]; readonly stepMs: number }

const runs = { numRuns: 30 }
/** What was wrong once. */
const negativeZero: RandomUnit[] = [
  {
    writes: [{ verb: 'create', table: 'books', given: { weight: -0 }, picks: [0, 0] }],
    stepMs: 1,
  },
]
const limitMs = 120_000

eachDialect('any sequence of writes', (dialect) => {
  const { write, undo, entries, state, clear, clock } = withLibrary(dialect)

  /** Does the units, leaving out what was refused; answers for each that wrote its request and the state before it. */
  async function performAll(units: readonly RandomUnit[]) {
    await clear()
    await write(furnish)
    const done: { request: string; before: Awaited<ReturnType<typeof state>> }[] = []
    for (const { writes, stepMs } of units) {
      const before = await state()
      clock.nowMs += stepMs
      const work = write(async (db) => {
        for (const each of writes) await perform(db, each)
      })
      const request = await work.then(({ request: id }) => id, unlessProblem)
      if (request !== undefined && (await entries(request)).length > 0)
        done.push({ request, before })
      else expect(await state()).toEqual(before)
    }
    return done
  }

  test(
    'undone from its end is the start; undone again, the end',
    async () => {
      let count = 0
      await fc.assert(
        fc.asyncProperty(anyUnits, async (units) => {
          const done = await performAll(units)
          count += done.length
          const undone = []
          for (const { request, before } of done.reverse()) {
            const after = await state()
            undone.push({ before: after, request: (await undo({ requestId: request })).request })
            expect(await state()).toEqual(before)
          }
          for (const { request, before } of undone.reverse()) {
            await undo({ requestId: request })
            expect(await state()).toEqual(before)
          }
        }),
        { ...runs, examples: [[negativeZero]] },
      )
      // Were all units refused, all this would hold.
      expect(count).toBeGreaterThan(runs.numRuns)
    },
    limitMs,
  )

  /** Undoes one of the units, whatever came after it. */
  async function undoOne(done: readonly { readonly request: string }[], place: number) {
    const { request = '' } = done[place % done.length] ?? {}
    const before = await state()
    const isUndone = await undo({ requestId: request }).then(() => true, unlessProblem)
    const after = await state()
    if (!isUndone) expect(after).toEqual(before)
    const written = new Set(
      (await entries(request)).map(({ model, row_id }) => `${model} ${row_id}`),
    )
    expect(others(after, written)).toEqual(others(before, written))
    return isUndone ? 'undone' : 'refused'
  }

  test(
    'of which one unit is undone: refused and unchanged, or other rows are untouched',
    async () => {
      const outcomes = { refused: 0, undone: 0 }
      await fc.assert(
        fc.asyncProperty(anyUnits, fc.nat(), async (units, place) => {
          const done = await performAll(units)
          if (done.length > 0) outcomes[await undoOne(done, place)] += 1
        }),
        runs,
      )
      expect(Math.min(outcomes.refused, outcomes.undone)).toBeGreaterThan(0)
    },
    limitMs,
  )
})

const names: Readonly<Record<string, string>> = {
  authors: 'author',
  shelves: 'shelf',
  books: 'book',
  copies: 'copy',
}

function others(
  tables: Readonly<Record<string, readonly ColumnRow[]>>,
  written: ReadonlySet<string>,
) {
  return Object.entries(tables).map(([table, rows]) =>
    rows.filter((row) => !written.has(`${names[table]} ${row['id']}`)),
  )
}

function unlessProblem(error: unknown): undefined {
  if (!(error instanceof Problem) || error.kind.status >= 500) throw error
}
