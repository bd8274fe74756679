import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Problem } from '#kit/core'
import type { Database } from '#kit/db'
import { assertLoaded, type MigrationSet } from '#kit/migrate'
import { eachDialect, refusalOf } from '#kit/testing'
import {
  contentOf,
  drawnRows,
  fill,
  gallerySets,
  openPlace,
  sampleRows,
} from '../fixture/gallery.ts'
import { readLayout } from '../layout.ts'
import type { Progress } from '../progress.ts'
import { onConnection } from '../transaction.ts'
import { copyDatabase } from './copy-database.ts'

let sets: readonly MigrationSet[]
beforeAll(async () => {
  sets = await gallerySets()
})

const copy = (from: Database, to: Database, more = {}) =>
  copyDatabase({ from, to, source: 'there', sets, nowMs: Date.now, ...more })

/** Many rows, so that a copy takes several batches. */
function manyArtists(count: number) {
  const [first] = sampleRows()['artists'] ?? []
  const columns = first ?? []
  return {
    artists: Array.from({ length: count }, (_, place) =>
      columns.map((value, column) =>
        column === 0 ? place + 1 : typeof value === 'number' ? null : value,
      ),
    ),
  }
}

eachDialect('copy from', (from) => {
  eachDialect('to', (to) => {
    let source: Awaited<ReturnType<typeof openPlace>>
    let target: Awaited<ReturnType<typeof openPlace>>
    let back: Awaited<ReturnType<typeof openPlace>>
    beforeAll(async () => {
      source = await openPlace(from, { isMigrated: true })
      target = await openPlace(to, { isMigrated: false })
      back = await openPlace(from, { isMigrated: false })
    })
    afterAll(async () => {
      for (const database of [source, target, back]) await database.close()
    })

    test('there and back is what it was, whatever the rows', async () => {
      const { tables } = await onConnection(source, ({ executor, engine }) =>
        readLayout({ executor, engine, sets }),
      )
      let rows = 0
      await fc.assert(
        fc.asyncProperty(drawnRows(tables), async (drawn) => {
          await fill(source, drawn)
          await copy(source, target)
          await copy(target, back)
          const before = await contentOf(source)
          rows += Object.values(before).flat().length
          expect(await contentOf(target)).toEqual(before)
          expect(await contentOf(back)).toEqual(before)
          await fill(target, {})
          await fill(back, {})
        }),
        { numRuns: 12, examples: [[sampleRows()]], endOnFailure: true },
      )
      expect(rows).toBeGreaterThan(15)
    }, 60_000)

    test('stopped anywhere, it goes on from there', async () => {
      await fill(source, manyArtists(1500))
      const stopped: string[] = []
      const runOnce = async () => {
        const stop = new AbortController()
        let written = 0
        const onProgress = ({ phase }: Progress) => {
          written += Number(phase === 'writing')
          const isFirstCheck = phase === 'verifying' && !stopped.includes('verifying')
          if (written < 2 && !isFirstCheck) return
          if (!stop.signal.aborted) stopped.push(phase)
          stop.abort()
        }
        return copy(source, target, { signal: stop.signal, onProgress })
      }
      let report: Awaited<ReturnType<typeof runOnce>> | undefined
      for (let run = 0; report === undefined && run < 10; run += 1)
        report = await runOnce().catch((error: Problem) => {
          expect(error.detail).toBe('Stopped.')
          return undefined
        })
      expect(stopped).toEqual(['writing', 'writing', 'writing', 'verifying'])
      expect(report?.kept).toBe(1500)
      expect(await contentOf(target)).toEqual(await contentOf(source))
      expect(await refusalOf(copy(source, target))).toContain('not empty')
      await fill(target, {})
    })

    test('half a copy is finished by its own source only, or begun anew', async () => {
      const { notices = [] } = sampleRows()
      await fill(source, { ...manyArtists(300), notices })
      const stop = new AbortController()
      const onProgress = ({ phase }: Progress) => phase === 'verifying' && stop.abort()
      const half = copy(source, target, { signal: stop.signal, onProgress })
      expect(await refusalOf(half)).toBe('Stopped.')
      const notWhole = /not whole: "plinth db copy" from there, begun at 20.*was not finished/
      expect(await refusalOf(assertLoaded(target))).toMatch(notWhole)
      expect(await refusalOf(copy(target, back))).toMatch(notWhole)
      expect(await refusalOf(copy(source, target, { source: 'elsewhere' }))).toContain(
        'holds a copy of there that was not finished',
      )
      await source.write('change', (unit) =>
        unit.executeChange("UPDATE artists SET name = 'late' WHERE id = 1"),
      )
      expect(await refusalOf(copy(source, target))).toMatch(/checksums differ.*--restart/)
      await copy(source, target, { isRestarted: true })
      await assertLoaded(target)
      const unguarded = target.write('bad', (unit) => unit.execute('DELETE FROM notices'))
      await expect(unguarded).rejects.toThrow()
      expect(await contentOf(target)).toEqual(await contentOf(source))
      await fill(target, {})
    })

    test('numbers go on where they were, and references hold', async () => {
      await fill(source, manyArtists(3))
      const insert =
        "INSERT INTO artists (name, created_at, updated_at) VALUES ('x', '2026-03-08T09:30:00Z', '2026-03-08T09:30:00Z') RETURNING id"
      const add = (database: Database) =>
        database.write('add', async (unit) => Number((await unit.execute(insert))[0]?.['id']))
      await copy(source, target)
      const last = Math.max(await add(target), 4)
      await target.write('remove', (unit) => unit.execute('DELETE FROM artists WHERE id > 3'))
      await copy(target, back)
      expect(await add(back)).toBeGreaterThan(last)
      const dangling = back.write('bad', (unit) =>
        unit.execute('UPDATE artists SET teacher_id = 99999999 WHERE id = 1'),
      )
      expect(await refusalOf(dangling)).toContain('refers to a row that is not there')
      await fill(target, {})
      await fill(back, {})
    })
  })
})

eachDialect('copy from', (from) => {
  eachDialect('to', (to) => {
    // SQLite keeps any text that JSON has, PostgreSQL does not.
    if (from.name !== 'sqlite' || to.name !== 'postgres') return
    test('a text that the target cannot hold is named with its row', async () => {
      const source = await openPlace(from, { isMigrated: true })
      const target = await openPlace(to, { isMigrated: false })
      await fill(source, sampleRows())
      await source.exclusively((executor) =>
        executor.execute('UPDATE works SET about = \'{"a":["\\u0000"]}\' WHERE id = 2'),
      )
      expect(await refusalOf(copy(source, target))).toStartWith('works 2: about holds a NUL')
      await source.exclusively((executor) =>
        executor.execute("UPDATE works SET about = '1' WHERE id = 2"),
      )
      await copy(source, target)
      expect(await contentOf(target)).toEqual(await contentOf(source))
      await Promise.all([source.close(), target.close()])
    })
  })
})

eachDialect('copy refuses', (dialect) => {
  let source: Awaited<ReturnType<typeof openPlace>>
  beforeAll(async () => {
    source = await openPlace(dialect, { isMigrated: true })
  })
  afterAll(() => source.close())

  test('a number that no JavaScript number is', async () => {
    await fill(source, sampleRows())
    await source.exclusively((executor) =>
      executor.execute('UPDATE works SET year = 9007199254740993 WHERE id = 2'),
    )
    const target = await openPlace(dialect, { isMigrated: false })
    expect(await refusalOf(copy(source, target))).toMatch(
      /^works.*(9007199254740993|9007199254740992)/,
    )
    await target.close()
  })
})
