import { afterEach, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '#kit/core'
import { add, folder, open, removeAll } from './fixture/opened.ts'

afterEach(removeAll)

describe('open', () => {
  const refusal = (file: string) => {
    try {
      open(file)
    } catch (error) {
      return error instanceof Problem ? error.detail : String(error)
    }
    return 'opened'
  }

  test('a file that is no database is named and left as it is', async () => {
    const file = join(folder(), 'a.db')
    const text = 'These are the minutes of the meeting of 8 March, and no database at all. '.repeat(
      20,
    )
    writeFileSync(file, text)
    expect(refusal(file)).toBe(
      `${file} is not an SQLite database. Name another file in DATABASE_URL, or move this one away.`,
    )
    expect(await Bun.file(file).text()).toBe(text)
  })

  test('a folder that cannot be written to is named', () => {
    expect(refusal('/proc/plinth/a.db')).toStartWith(
      'The database /proc/plinth/a.db cannot be written to.',
    )
  })

  test('a folder in place of the file is refused', () => {
    const path = folder()
    expect(refusal(path)).toContain('cannot be opened')
  })

  test('a missing folder is made', () => {
    expect(refusal(join(folder(), 'deep', 'er', 'a.db'))).toBe('opened')
  })

  test('it is durable: write-ahead log, synced at every commit, foreign keys on', async () => {
    const database = open()
    const settings = await database.exclusively((executor) =>
      Promise.all(
        ['journal_mode', 'synchronous', 'foreign_keys'].map((name) =>
          executor.execute(`PRAGMA ${name}`),
        ),
      ),
    )
    expect(settings).toEqual([
      [{ journal_mode: 'wal' }],
      [{ synchronous: 2 }],
      [{ foreign_keys: 1 }],
    ] as never)
  })

  test('another process’s lock is waited for, not blocked on', async () => {
    const file = join(folder(), 'a.db')
    const one = open(file)
    await one.exclusively((executor) => executor.execute('CREATE TABLE t (n INTEGER)'))
    const two = open(file)
    let isLate = false
    const held = one.exclusively(async (executor) => {
      await executor.execute('BEGIN IMMEDIATE')
      // Timers run while the other waits: the event loop is free.
      await new Promise((resolve) => setTimeout(resolve, 30))
      await executor.execute('COMMIT')
      isLate = true
    })
    await Promise.all([held, two.write('add', add(1)).then(() => expect(isLate).toBe(true))])
  })
})
