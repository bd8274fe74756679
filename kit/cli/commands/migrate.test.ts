import { afterAll, afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, type DatabaseConfig } from '#kit/core'
import { openDatabase } from '#kit/db'
import { type AnyField, type AnyModel, defineModel, f } from '#kit/model'
import { eachDialect, recordingIo } from '#kit/testing'
import { type CommandCall, createApp, defineTool } from '#kit/tool'
import { builtIn, commandIn } from '../command-table.ts'
import { parseArguments } from '../parse-arguments.ts'

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true })
})

const times = "'2026-03-01T08:00:00Z', '2026-03-01T08:00:00Z'"
const note = (fields: Readonly<Record<string, AnyField>>) =>
  defineModel('note', {
    id: f.serial(),
    access: { read: 'anyone', write: 'anyone' },
    fields: { title: f.text({ max: 50 }), ...fields },
  })
const plain = note({})
const ranked = note({ rank: f.integer().optional() })

const urlOf = (config: DatabaseConfig) =>
  config.dialect === 'sqlite' ? `sqlite:///${config.file}` : config.url

eachDialect('plinth migrate', (dialect) => {
  let config: DatabaseConfig
  let migrations: string
  let model: AnyModel
  let close: () => Promise<void>

  beforeEach(async () => {
    const made = await dialect.create()
    config = made.config
    close = made.remove
    migrations = await mkdtemp(join(tmpdir(), 'plinth-'))
    folders.push(migrations)
    model = plain
  })
  afterEach(() => close())

  /** Calls a command of an app with one tool, `notes`, that has one model. */
  async function run(line: string, environment: Readonly<Record<string, string>> = {}) {
    const words = line.split(' ')
    const name = commandIn(builtIn, words) ?? ''
    const command = await builtIn[name]?.()
    if (!command) throw new Error(`There is no command ${line}.`)
    const parsed = parseArguments(command, words.slice(name.split(' ').length))
    if (!parsed.ok) throw new Error(parsed.fault)
    const io = recordingIo()
    const tool = defineTool({ name: 'notes', models: [model], routes: [], migrations })
    const call: CommandCall = {
      ...parsed,
      io,
      environment: { DATABASE_URL: urlOf(config), ...environment },
      loadApp: async () => createApp({ name: 'test', version: '0', tools: [tool] }),
      withApp: () => Promise.reject(new Error('Is not needed.')),
    }
    const code = (await command.run(call as CommandCall<never>)) ?? 0
    return { code, out: io.lines.join('\n'), err: io.errors.join('\n') }
  }

  async function execute(sql: string): Promise<void> {
    const database = await openDatabase(config, { log: createLog('silent') })
    await database.exclusively((executor) => executor.execute(sql))
    await database.close()
  }

  const insertNote = () =>
    execute(`INSERT INTO notes (title, created_at, updated_at) VALUES ('a', ${times})`)

  const production = {
    PLINTH_ENV: 'production',
    JWT_SECRET_KEY: 'b5a1f0c3d8e74962a0f3c1d5e8b7a694f2d1c0b9',
    CORS_ORIGINS: 'https://notes.example',
  }

  async function startWithNote(): Promise<void> {
    await run('migrate make')
    await run('migrate up')
    await insertNote()
  }

  test('make, rehearse, up, status and down go round', async () => {
    await startWithNote()
    model = ranked
    expect((await run('migrate status')).out).toContain('changed   notes: add_column notes.rank')
    expect((await run('migrate make -m rank')).out).toContain('0002-rank.json')
    const rehearsal = await run('migrate rehearse')
    expect(rehearsal).toMatchObject({ code: 0, err: '' })
    expect(rehearsal.out).toContain('rehearsed on a copy with 1 row: notes/0002-rank')
    expect(rehearsal.out).toMatch(/up +add_column notes\.rank +\d+ ms/)
    expect(rehearsal.out).toMatch(/^\d\d other columns keep their values, up and down$/m)
    const script = (await run('migrate sql')).out
    expect(script).toContain('ALTER TABLE "notes" ADD COLUMN "rank"')
    expect(script).not.toContain('CREATE TABLE')
    expect((await run('migrate status')).out).toContain('pending  notes/0002-rank')
    expect((await run('migrate up')).out).toBe('applied notes/0002-rank')
    expect((await run('migrate rehearse')).out).toContain('Nothing to rehearse')
    expect((await run('migrate sql')).out).toContain('Nothing to do')
    expect((await run('migrate down --accept-loss notes.rank')).out).toBe(
      'took back notes/0002-rank',
    )
    expect((await run('migrate up --to notes/2')).out).toBe('applied notes/0002-rank')
  })

  test('production needs by name what may go, up and down', async () => {
    model = ranked
    await startWithNote()
    model = plain
    await run('migrate make -m less --allow-loss')
    await expect(run('migrate up', production)).rejects.toThrow('--accept-loss notes.rank')
    const wrong = run('migrate up --accept-loss notes.rnk', production)
    await expect(wrong).rejects.toThrow('No migration to apply loses notes.rnk')
    const { out } = await run('migrate up --accept-loss notes.rank', production)
    expect(out).toBe('applied notes/0002-less')
    const all = run('migrate down 2 --allow-loss', production)
    await expect(all).rejects.toThrow('In production name what may go')
    const undone = await run('migrate down 2 --accept-loss notes', production)
    expect(undone.out).toBe('took back notes/0002-less\ntook back notes/0001-initial')
    expect(undone.err).toBe('plinth: not brought back: column notes.rank with its values')
  })

  test('in development the file is enough', async () => {
    model = ranked
    await startWithNote()
    model = plain
    await run('migrate make -m less --allow-loss')
    const { code, out } = await run('migrate rehearse')
    expect(code).toBe(0)
    expect(out).toMatch(/notes\.rank +0 values +up: gone +down: as before/)
    expect((await run('migrate up')).out).toBe('applied notes/0002-less')
  })

  test('a rehearsal with a fault ends with 1', async () => {
    await startWithNote()
    const statements = ["UPDATE notes SET title = 'b'"]
    await writeFile(
      join(migrations, '0002-b.json'),
      JSON.stringify({
        message: '',
        up: [{ op: 'sql', sqlite: statements, postgres: statements }],
        down: [],
      }),
    )
    const { code, err } = await run('migrate rehearse')
    expect(code).toBe(1)
    expect(err).toContain('notes.title does not have its values back after down')
  })

  test('sql prints all for an engine whose database is not at hand', async () => {
    await run('migrate make')
    const environment = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nothing' }
    const { out } = await run(`migrate sql --dialect ${dialect.name}`, environment)
    expect(out).toContain('CREATE TABLE "plinth_migrations"')
    expect(out).toContain('-- notes/0001-initial')
    const wrong = run('migrate sql --dialect mysql')
    await expect(wrong).rejects.toThrow('"mysql" is none of: sqlite, postgres.')
  })

  test('what cannot be applied is refused with the repair', async () => {
    await startWithNote()
    model = ranked
    await run('migrate make -m rank')
    await run('migrate up')
    const path = join(migrations, '0002-rank.json')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"isOptional": true', '"isOptional": true, "default": 1'))
    await expect(run('migrate status')).rejects.toThrow('Restore the file from version control')
    await writeFile(join(migrations, '0002-other.json'), text)
    await expect(run('migrate up')).rejects.toThrow('Rename the newer file to the next free number')
    await rm(join(migrations, '0002-other.json'))
    await rm(path)
    await expect(run('migrate rehearse')).rejects.toThrow('Run the version that has the file')
  })
})
