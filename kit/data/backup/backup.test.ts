import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { createLog } from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import { assertLoaded, type MigrationSet } from '#kit/migrate'
import { eachDialect, refusalOf } from '#kit/testing'
import { contentOf, fill, gallerySets, openPlace, sampleRows } from '../fixture/gallery.ts'
import { copyNatively } from './copy-natively.ts'
import { restoreBackup, verifyBackup } from './restore-backup.ts'
import { writeBackup } from './write-backup.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-backup-'))
afterAll(() => rmSync(folder, { recursive: true }))
let made = 0
const newFile = (ending = 'jsonl.gz') => {
  made += 1
  return join(folder, `${made}.${ending}`)
}
const nowMs = () => Date.parse('2026-03-08T09:30:00.000Z')
let sets: readonly MigrationSet[]
beforeAll(async () => {
  sets = await gallerySets()
})

const backUp = (database: Database, file: string, more = {}) =>
  writeBackup({ database, sets, app: 'gallery', nowMs, file, ...more })
const restore = (database: Database, file: string, more = {}) =>
  restoreBackup({ database, sets, nowMs, file, ...more })

const addLabel = (id: string) => (executor: Pick<Database['reader'], 'executeChange'>) =>
  executor.executeChange(
    `INSERT INTO labels (id, created_at, updated_at) VALUES ('${id}', '2026-03-08T09:30:00Z', '2026-03-08T09:30:00Z')`,
  )

/** The same backup with its text changed and its compression sound. */
function edited(file: string, edit: (text: string) => string): string {
  const changed = newFile()
  writeFileSync(changed, gzipSync(edit(gunzipSync(readFileSync(file)).toString())))
  return changed
}

const empty = { artists: [], labels: [], notices: [], works: [] }

eachDialect('backup', (from) => {
  let source: Awaited<ReturnType<typeof openPlace>>
  let file: string
  beforeAll(async () => {
    source = await openPlace(from, { isMigrated: true })
    await fill(source, sampleRows())
    file = newFile()
    await backUp(source, file)
  })
  afterAll(() => source.close())

  eachDialect('restored', (to) => {
    test('holds the same rows', async () => {
      const target = await openPlace(to, { isMigrated: false })
      const { header, manifest } = await restore(target, file)
      expect(header).toMatchObject({
        app: 'gallery',
        engine: from.name,
        made_at: '2026-03-08T09:30:00.000Z',
      })
      expect(manifest.map(({ name, rows }) => [name, rows]).sort()).toEqual([
        ['artists', 3],
        ['labels', 4],
        ['notices', 1],
        ['works', 2],
      ])
      const content = await contentOf(target)
      expect(content).toEqual(await contentOf(source))
      expect(content['labels']?.map((line) => JSON.parse(line)[0])).toEqual(['B', 'a', 'b', 'ä'])
      await target.close()
    })
  })

  test('is of one moment, whoever writes meanwhile', async () => {
    const beside = await source.beside()
    const other = newFile()
    let written: Promise<unknown> | undefined
    const { tables } = await backUp(source, other, {
      onProgress: () => {
        written ??= beside.write('add', addLabel('zz'))
      },
    })
    await written
    expect(tables.find(({ name }) => name === 'labels')?.rows).toBe(4)
    const { manifest } = await verifyBackup(other)
    expect(manifest).toEqual((await verifyBackup(file)).manifest)
    await beside.write('remove', (unit) => unit.executeChange("DELETE FROM labels WHERE id = 'zz'"))
    await beside.close()
  })

  test('names the tables that it leaves out', async () => {
    await source.exclusively((executor) => executor.execute('CREATE TABLE by_hand (n integer)'))
    const { foreign } = await backUp(source, newFile())
    await source.exclusively((executor) => executor.execute('DROP TABLE by_hand'))
    expect(foreign).toEqual(['by_hand'])
  })

  test('is for this user’s eyes, and never takes the place of a file', async () => {
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await refusalOf(backUp(source, file))).toContain('is there already')
    expect(await refusalOf(backUp(source, join(file, 'in/it.gz')))).toContain('cannot be written')
  })

  test('stopped, it leaves no file', async () => {
    const stop = new AbortController()
    const other = newFile()
    const work = backUp(source, other, { signal: stop.signal, onProgress: () => stop.abort() })
    expect(await refusalOf(work)).toBe('Stopped.')
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
    expect(existsSync(other)).toBe(false)
  })

  describe('a restore', () => {
    let target: Awaited<ReturnType<typeof openPlace>>
    beforeAll(async () => {
      target = await openPlace(from, { isMigrated: false })
    })
    afterAll(() => target.close())

    const wrongs: Record<string, [(text: string) => string, RegExp]> = {
      'a changed row': [
        (text) => text.replace('"oil"', '"ink"'),
        /rows of works are not all there/,
      ],
      'a missing row': [
        (text) => text.replace(/^\["a".*\n/m, ''),
        /rows of labels are not all there/,
      ],
      'a missing end': [(text) => text.replace(/\{"manifest".*\n/, ''), /its end is missing/],
      'half a line at the end': [(text) => text.slice(0, -9), /its end is missing/],
      'something behind its end': [(text) => `${text}[1]\n`, /something follows/],
      'a line of nonsense': [
        (text) => text.replace('{"table":"works"}', '{"tab'),
        /makes no sense/,
      ],
      'another version': [(text) => text.replace('p":1', 'p":2'), /another version of the format/],
      'no header': [(text) => text.replace(/.*\n/, ''), /is no backup of Plinth/],
      'a migration that is not here': [
        (text) => text.replace('gallery/0001-initial', 'gallery/0007-more'),
        /a version which has gallery\/0007-more/,
      ],
      'a migration that says something else': [
        (text) => text.replace(/"checksum":"\w+"/, '"checksum":"0"'),
        /says something else than it did/,
      ],
      'a table that is not here': [
        (text) => text.replace('"name":"works"', '"name":"worke"'),
        /tables of the backup are not those/,
      ],
    }
    for (const [name, [edit, message]] of Object.entries(wrongs))
      test(`refuses ${name}, and leaves no row`, async () => {
        expect(await refusalOf(restore(target, edited(file, edit)))).toMatch(message)
        const tables = await contentOf(target)
        expect(Object.values(tables).flat()).toEqual([])
        await assertLoaded(target)
      })

    test('refuses what is damaged, cut off, or no backup at all', async () => {
      const bytes = readFileSync(file)
      const cut = newFile()
      writeFileSync(cut, bytes.subarray(0, bytes.length - 20))
      expect(await refusalOf(restore(target, cut))).toMatch(/is damaged/)
      const flipped = newFile()
      writeFileSync(flipped, bytes.with(bytes.length >> 1, (bytes[bytes.length >> 1] ?? 0) ^ 255))
      expect(await refusalOf(restore(target, flipped))).toMatch(/is damaged/)
      const text = newFile()
      writeFileSync(text, 'Dear diary')
      expect(await refusalOf(restore(target, text))).toMatch(/is no backup of Plinth/)
      expect(await refusalOf(restore(target, newFile()))).toMatch(/cannot be read/)
    })

    test('that is stopped midway keeps nothing, and may be done again', async () => {
      const stop = new AbortController()
      const work = restore(target, file, {
        signal: stop.signal,
        onProgress: ({ phase }: { phase: string }) => phase === 'writing' && stop.abort(),
      })
      expect(await refusalOf(work)).toBe('Stopped.')
      expect(await contentOf(target)).toEqual(empty)
      await restore(target, file)
      expect(await contentOf(target)).toEqual(await contentOf(source))
      expect(await refusalOf(restore(target, file))).toMatch(
        /not empty: there are rows in artists, labels, notices, works/,
      )
    })

    test('that is killed leaves the mark of a database that is not whole, and may be done again', async () => {
      const killed = await openPlace(from, { isMigrated: false })
      const given = { file, sets: sets.map((set) => ({ ...set, models: [] })) }
      const script = `
        import { createLog } from '#kit/core'
        import { restoreBackup } from '#kit/data'
        import { openDatabase } from '#kit/db'
        const database = await openDatabase(${JSON.stringify(killed.config)}, { log: createLog('silent') })
        const onProgress = ({ phase }) => phase === 'writing' && process.kill(process.pid, 'SIGKILL')
        await restoreBackup({ ...${JSON.stringify(given)}, database, nowMs: Date.now, onProgress })
      `
      const child = Bun.spawn([process.execPath, '-e', script], {
        cwd: join(import.meta.dir, '../../..'),
        stderr: 'ignore',
        timeout: 60_000,
        killSignal: 'SIGKILL',
      })
      await child.exited
      expect(child.signalCode).toBe('SIGKILL')
      expect(await refusalOf(assertLoaded(killed))).toMatch(
        /not whole: "plinth db restore" from .*\.gz, begun at 20/,
      )
      await restore(killed, file)
      await assertLoaded(killed)
      await killed.close()
    })

    test('gives no number twice, and brings back the references in circles', async () => {
      const numbered = await openPlace(from, { isMigrated: true })
      const insert =
        "INSERT INTO artists (name, created_at, updated_at) VALUES ('x', '2026-03-08T09:30:00Z', '2026-03-08T09:30:00Z') RETURNING id"
      const add = async (database: Database) =>
        database.write('add', async (unit) => (await unit.execute(insert))[0]?.['id'])
      expect([await add(numbered), await add(numbered)]).toEqual([1, 2])
      await numbered.write('remove', (unit) => unit.execute('DELETE FROM artists WHERE id = 2'))
      const other = newFile()
      await backUp(numbered, other)
      const copy = await openPlace(from, { isMigrated: false })
      await restore(copy, other)
      expect(await add(copy)).toBe(3)
      const dangling = copy.write('bad', (unit) =>
        unit.execute('UPDATE artists SET teacher_id = 99 WHERE id = 1'),
      )
      expect(await refusalOf(dangling)).toContain('refers to a row that is not there')
      await Promise.all([numbered.close(), copy.close()])
    })
  })
})

describe('a native copy', () => {
  test('is the database, with all that is in it', async () => {
    const file = newFile('db')
    const config = { dialect: 'sqlite' as const, file: newFile('db') }
    const database = await openDatabase(config, { log: createLog('silent') })
    await database.exclusively((executor) => executor.execute('CREATE TABLE by_hand (n INTEGER)'))
    expect(await copyNatively(database, file)).toBeGreaterThan(0)
    expect(await refusalOf(copyNatively(database, file))).toContain('is there already')
    await database.close()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const copy = await openDatabase({ dialect: 'sqlite', file }, { log: createLog('silent') })
    expect(await copy.reader.execute('SELECT * FROM by_hand')).toEqual([])
    await copy.close()
    expect(await refusalOf(verifyBackup(file))).toContain('is a database of SQLite')
  })
})
