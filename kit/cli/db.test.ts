import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, type DatabaseConfig } from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import { eachDialect, recordingIo, type TestDialect } from '#kit/testing'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-db-'))
afterAll(() => rmSync(folder, { recursive: true }))
const root = join(import.meta.dir, '../..')

async function run(
  line: string,
  { url, input, folder = root }: { url?: string; input?: string; folder?: string } = {},
) {
  const io = recordingIo(input === undefined ? {} : { input })
  const environment = { DATABASE_URL: url, LOG_LEVEL: 'silent' }
  const code = await runCli(line.split(' '), { io, environment, folder })
  return { code, out: io.lines.join('\n'), err: io.errors.join('\n') }
}

const urlOf = (config: DatabaseConfig) =>
  'file' in config ? `sqlite:///${config.file}` : config.url

const newUrl = async (dialect: TestDialect) => urlOf((await dialect.create()).config)

async function withDatabase<T>(
  config: DatabaseConfig,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(config, { log: createLog('silent') })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

const now = '2026-03-08T09:30:00.000Z'
const ada = '018f0000-0000-7000-8000-00000000ada0'

/** Ada with that many tasks. */
function fill(config: DatabaseConfig, count: number): Promise<void> {
  return withDatabase(config, async (database) => {
    const users = `INSERT INTO users (id, username, created_at, updated_at) VALUES ('${ada}', 'ada', '${now}', '${now}')`
    const tasks = (from: number, to: number) =>
      `INSERT INTO tasks (user_id, title, created_at, updated_at) VALUES ${Array.from(
        { length: to - from },
        (_, place) => `('${ada}', 'Task ${from + place}', '${now}', '${now}')`,
      ).join(', ')}`
    await database.exclusively(async (executor) => {
      await executor.execute('BEGIN')
      await executor.executeChange(users)
      for (let from = 0; from < count; from += 500)
        await executor.executeChange(tasks(from, Math.min(count, from + 500)))
      await executor.execute('COMMIT')
    })
  })
}

eachDialect('plinth db', (dialect) => {
  let config: DatabaseConfig
  let url: string
  beforeAll(async () => {
    config = (await dialect.create()).config
    url = urlOf(config)
    await run('db init', { url })
    await fill(config, 3)
  })

  test('init migrates, and may be called again', async () => {
    const fresh = await newUrl(dialect)
    const first = await run('db init', { url: fresh })
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toMatch(
      /^applied plinth\/0001-initial\n[\s\S]*applied tasks\/0001[\s\S]*is ready$/,
    )
    expect((await run('db init', { url: fresh })).out).toEndWith('is ready; nothing was to be done')
  })

  test('check says line by line what holds', async () => {
    const { code, out, err } = await run('db check', { url })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ok {4}connects to /)
    for (const text of [
      /^ok {4}(SQLite|PostgreSQL) \d/m,
      /^ok {4}all \d+ migrations are applied/m,
      /^ok {4}writes, and reads what was written: every kind of field$/m,
      /^ok {4}rolls back: nothing of it is left$/m,
      /^ok {4}every reference leads to a row$/m,
    ])
      expect(out).toMatch(text)
  })

  test('check warns of what is pending, and of tables made by hand', async () => {
    const other = (await dialect.create()).config
    await withDatabase(other, (database) =>
      database.exclusively((executor) => executor.execute('CREATE TABLE by_hand (n integer)')),
    )
    const { code, out } = await run('db check', { url: urlOf(other) })
    expect(code).toBe(0)
    expect(out).toMatch(/^warn {2}pending: plinth\/0001-initial.* → plinth migrate up$/m)
    expect(out).toMatch(/^warn {2}tables that no migration has made, .*: by_hand$/m)
  })

  test('backup and restore bring all rows, and say how many', async () => {
    const file = join(folder, `${dialect.name}.jsonl.gz`)
    const backup = await run(`db backup ${file}`, { url })
    expect(backup).toMatchObject({ code: 0, err: '' })
    expect(backup.out).toMatch(/ {2}3 {2}tasks\n/)
    expect(backup.out).toMatch(/wrote .*\.jsonl\.gz \([\d,]+ bytes\)$/)
    const check = await run(`db restore --check ${file}`)
    expect(check.out).toMatch(/^backup of plinth on \w+, made [\s\S]* is whole$/)
    const target = await newUrl(dialect)
    expect(await run(`db restore ${file}`, { url: target })).toMatchObject({ code: 0, err: '' })
    expect(await run(`db restore ${file}`, { url: target })).toMatchObject({
      code: 1,
      err: expect.stringContaining('not empty: there are rows in tasks, users'),
    })
    const shown = await run('db shell --as ada --json', { url: target, input: 'Task.list()' })
    expect(shown.out.split('\n')).toHaveLength(3)
  })

  test('shell: bound to an actor, awaited, and what is declared stays', async () => {
    const input = [
      "const made = await Task.create({ title: 'From\\tthe shell' })",
      'const { id } = made',
      'function double(n) {',
      '  return n * 2',
      '}',
      'double(21)',
      'Task.list({ where: { id }, count: true })',
      'await Task.remove(id)',
      'Task.count()',
      "query(models.Task).selectFrom('tasks').select('title').orderBy('id').limit(1).execute()",
    ].join('\n')
    const { code, out, err } = await run('db shell --as ada', { url, input })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('\n42\n')
    expect(out).toMatch(/^id +user_id +title/m)
    expect(out).toContain('From\\tthe shell')
    expect(out).toContain('\n1 in all\n')
    expect(out).toMatch(/\n3\ntitle\n-+\nTask 0$/)
  })

  test('shell: another reaches nothing of it, the system all but hashes', async () => {
    const other = { url, input: "Task.list()\nUser.get('018f0000-0000-7000-8000-00000000ada0')" }
    const { code, out, err } = await run('db shell --as admin', other)
    expect({ code, out }).toEqual({ code: 1, out: 'no rows' })
    expect(err).toContain('User not found')
    const all = await run('db shell --system --json', { url, input: 'User.list()\nTask.count()' })
    expect(all.out).toMatch(/"password_hash":"•••"/)
    expect(all.out).not.toContain('$2')
    expect(all.out).toEndWith('\n3')
    const write = { url, input: "sql('DELETE FROM tasks')" }
    expect((await run('db shell --system', write)).code).toBe(1)
    expect((await run('db shell --as ada', { url, input: 'Task.count()' })).out).toBe('3')
  })
})

eachDialect('plinth db shell', (dialect) => {
  let url: string
  beforeAll(async () => {
    url = await newUrl(dialect)
    await run('db init', { url })
  })

  test.each([
    ['db shell', '', /2 .*needs --as USER, or --system/],
    ['db shell --as ada --system', '', /2 .*needs --as USER, or --system/],
    ['db shell --as nobody', '', /1 .*no active user "nobody"/],
    ['db shell --system', 'Task.list(', /1 .*ends within an expression/],
    ['db shell --system', 'let x = 1 +* 2', /1 .*Unexpected \*/],
    ['db shell --system', 'nothing.at.all', /1 .*nothing is not defined/],
    ['db shell --system', "Task.create({ title: '' })", /1 .*Must not be empty/],
  ])('%s with %p is refused', async (line, input, message) => {
    const { code, err } = await run(line, { url, input })
    expect(`${code} ${err}`).toMatch(message)
  })

  test('what follows a fault is not run', async () => {
    const { out } = await run('db shell --system', { url, input: '1\nnothing.at.all\n2' })
    expect(out).toBe('1')
    expect('Task' in globalThis).toBe(false)
  })
})

test('a database that is not there is not made by a command that reads', async () => {
  const url = `sqlite:///${join(folder, 'nowhere.db')}`
  for (const line of ['db check', 'db backup', `db copy --to sqlite:///${folder}/b.db`])
    expect(await run(line, { url })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/There is no database .*nowhere\.db.*plinth db init/),
    })
})

test.each([
  ['db copy', 2, /needs --to URL/],
  ['db copy --from nonsense --to sqlite:///b.db', 1, /--from: It has no scheme/],
  [`db copy --from sqlite:///a.db --to sqlite:///${process.cwd()}/a.db`, 2, /the same database/],
  ['db seed nothing', 2, /No tool "nothing" has a seed/],
  ['db restore nowhere.gz', 1, /nowhere\.gz cannot be read/],
])('plinth %s is refused', async (line, code, message) => {
  const answer = await run(line, { url: `sqlite:///${join(folder, 'a.db')}` })
  expect(answer.code).toBe(code)
  expect(answer.err).toMatch(message)
})

eachDialect('plinth db', (dialect) => {
  test('other faults of the settings keep nobody from a backup', async () => {
    const io = recordingIo()
    const url = await newUrl(dialect)
    await run('db init', { url })
    const environment = { DATABASE_URL: url, PLINTH_ENV: 'production', PORT: 'x' }
    const argv = ['db', 'backup', join(folder, `settings-${dialect.name}.jsonl.gz`)]
    expect(await runCli(argv, { io, environment, folder: root })).toBe(0)
  })

  test('seed may be run again: what is there stays', async () => {
    const app = join(folder, `seeded-${dialect.name}`)
    const model = `const Note = defineModel('note', { access: { read: 'anyone', write: 'anyone' }, fields: { text: f.text({ max: 9 }) } })`
    const seed = `seed: async ({ ensure }) => { for (const text of ['one', 'two']) await ensure(Note, { text }, { text }) }`
    await Bun.write(
      join(app, 'app.ts'),
      `import { createApp, defineTool } from '${root}/kit/tool/index.ts'
import { defineModel, f } from '${root}/kit/model/index.ts'
${model}
const notes = defineTool({ name: 'notes', models: [Note], routes: [], migrations: '${app}/migrations', ${seed} })
export const app = createApp({ name: 'seeded', version: '1.0.0', tools: [notes] })
`,
    )
    const call = { url: await newUrl(dialect), folder: app }
    await run('migrate make', call)
    expect((await run('db seed', call)).out).toBe('notes: 2 made, 0 there already')
    expect((await run('db seed notes', call)).out).toBe('notes: 0 made, 2 there already')
  })
})

eachDialect('plinth db copy from', (from) => {
  eachDialect('to', (to) => {
    test('killed, it goes on where it was', async () => {
      const source = (await from.create()).config
      const target = (await to.create()).config
      await run('db init', { url: urlOf(source) })
      await fill(source, 12_000)
      const args = ['db', 'copy', '--from', urlOf(source), '--to', urlOf(target)]
      const child = Bun.spawn([process.execPath, 'kit/cli/main.ts', ...args], {
        cwd: root,
        stdout: 'ignore',
        stderr: 'ignore',
        timeout: 60_000,
        killSignal: 'SIGKILL',
      })
      await untilCopied(target, 2000)
      child.kill('SIGKILL')
      await child.exited
      expect(await run('start', { url: urlOf(target) })).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(/^[^\n]*not whole: "plinth db copy" from .*not finished[^\n]*$/),
      })
      const { code, out, err } = await run(args.join(' '))
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toMatch(/ 12,000 {2}tasks\n/)
      const kept = Number(/([\d,]+) were there from before/.exec(out)?.[1]?.replaceAll(',', ''))
      expect(kept).toBeGreaterThanOrEqual(2000)
      expect(out).toEndWith('both databases hold the same')
    }, 30_000)
  })
})

/** Waits until the copy that another process makes has come so far. */
async function untilCopied(config: DatabaseConfig, rows: number): Promise<void> {
  const untilMs = performance.now() + 20_000
  await withDatabase(config, async (database) => {
    const read = async () =>
      database.reader.execute("SELECT value FROM plinth_copy WHERE name = 'tasks'")
    while (performance.now() < untilMs) {
      const found = await read().catch(() => [])
      if (JSON.parse(String(found[0]?.['value'] ?? '{}')).rows >= rows) return
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    throw new Error('The copy did not begin.')
  })
}
