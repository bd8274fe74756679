import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordingIo } from '#kit/testing'
import { builtIn } from './command-table.ts'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

const root = join(import.meta.dir, '../..')

async function run(line: string, more: { folder?: string; environment?: object } = {}) {
  const io = recordingIo()
  const environment = { DATABASE_URL: `sqlite:///${join(folder, 'app.db')}`, ...more.environment }
  const argv = line.split(' ').filter((word) => word !== '')
  const code = await runCli(argv, { io, environment, folder: more.folder ?? root })
  return { code, out: io.lines.join('\n'), err: io.errors.join('\n'), lines: io.lines }
}

describe('help', () => {
  test.each(['', 'help', '--help', '-h'])('"plinth %s" lists every command', async (line) => {
    const { code, out, err } = await run(line)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const name of [...Object.keys(builtIn), 'user create']) expect(out).toContain(`  ${name} `)
  })

  test.each(Object.keys(builtIn))('of %s, both ways, with an example', async (name) => {
    const [asked, flagged] = [await run(`help ${name}`), await run(`${name} --help`)]
    expect(asked).toEqual(flagged)
    expect(asked.out).toContain(`Usage: plinth ${name}`)
    expect(asked.out).toMatch(/Examples:\n {2}\S/)
  })

  test('names the environment variables of start', async () => {
    const { out } = await run('help start')
    for (const name of ['PORT', 'DATABASE_URL', 'JWT_SECRET_KEY'])
      expect(out).toContain(`  ${name} `)
  })

  test('of a group', async () => {
    const { out } = await run('help migrate')
    expect(out).toMatch(/migrate status .*\n.*migrate make .*\n.*migrate up .*\n.*migrate down /)
  })

  test('stays where app.ts does not load', async () => {
    writeFileSync(join(folder, 'app.ts'), 'export const app = = 1')
    const { code, out, err } = await run('help', { folder })
    expect(code).toBe(0)
    expect(out).toContain('  doctor ')
    expect(err).toMatch(/^plinth: The app's own commands are missing\. .*app\.ts:1:\d+\)$/)
  })
})

describe('what does not exist', () => {
  test.each([
    ['strat', 'plinth: There is no command "strat". Did you mean "plinth start"?'],
    [
      'user crate x',
      'plinth: There is no command "user crate". Did you mean "plinth user create"?',
    ],
    ['migrate', 'plinth: migrate: It needs one of: status, make, up, down, rehearse, sql.'],
    ['help nothing', 'plinth: There is no command "nothing". See: plinth help'],
    [
      'routes --jsn',
      'plinth: routes: There is no option --jsn. Did you mean --json? See: plinth help routes',
    ],
    ['--quietly 80', 'plinth: There is no command "--quietly". See: plinth help'],
    ['migrate down two', 'plinth: migrate down: "two" is no number of migrations.'],
  ])('plinth %s', async (line, err) => {
    expect(await run(line)).toEqual({ code: 2, out: '', err, lines: [] })
  })
})

test('--version is that of the package', async () => {
  const { version } = await Bun.file(join(root, 'package.json')).json()
  expect(await run('--version')).toMatchObject({ code: 0, out: version })
})

test('routes: a line for each, where it is declared in the last column', async () => {
  const { code, lines } = await run('routes')
  expect(code).toBe(0)
  expect(lines.find((line) => line.includes('/complete'))).toMatch(
    /^PATCH +\/api\/:user_id\/tasks\/:id\/complete +user +task +\S*tools\/tasks\/routes\.ts:\d+$/,
  )
  const { out } = await run('routes --json')
  expect(JSON.parse(out)).toHaveLength(lines.length - 1)
})

test('openapi: prints, or writes a file', async () => {
  const { out } = await run('openapi')
  expect(JSON.parse(out)).toMatchObject({ openapi: '3.1.0', paths: { '/health': {} } })
  const file = join(folder, 'openapi.json')
  expect(await run(`openapi --out ${file}`)).toMatchObject({ code: 0, out: '' })
  expect(await Bun.file(file).text()).toBe(`${out}\n`)
})

describe('migrate', () => {
  const environment = { DATABASE_URL: `sqlite:///${join(folder, 'migrate.db')}` }
  const migrate = (line: string) => run(`migrate ${line}`, { environment })

  test('make finds nothing to do: what is committed is current', async () => {
    expect(await migrate('make')).toMatchObject({
      code: 0,
      out: 'Nothing to do: the migrations make what the models say.',
    })
  })

  test('up to one, up, down, and the status in between', async () => {
    expect((await migrate('up --to accounts/1')).lines.at(-1)).toBe('applied accounts/0001-initial')
    const pending = (await migrate('status')).out.match(/(?<=^pending {2})\S+/gm) ?? []
    expect(pending).toContain('tasks/0001-initial')
    expect((await migrate('up')).lines).toEqual(pending.map((id) => `applied ${id}`))
    expect((await migrate('status')).out).not.toContain('pending')
    expect((await migrate('up')).out).toBe('Nothing to do: no migration is pending.')
    expect((await migrate('down')).out).toBe(`took back ${pending.at(-1)}`)
  })

  test('a number that several tools have is ambiguous', async () => {
    const { code, err } = await migrate('up --to 1')
    expect(code).toBe(2)
    expect(err).toContain('accounts/0001-initial or tasks/0001-initial')
  })

  test('a file that is no database: one line, and it stays as it is', async () => {
    const file = join(folder, 'text.db')
    writeFileSync(file, 'not a database at all, but long enough to be looked at as one'.repeat(99))
    const before = await Bun.file(file).text()
    const { code, err } = await run('migrate up', {
      environment: { DATABASE_URL: `sqlite:///${file}` },
    })
    expect(code).toBe(1)
    expect(err).toMatch(/^plinth: \S+text\.db is not an SQLite database\..*$/)
    expect(await Bun.file(file).text()).toBe(before)
  })

  test('faults of the configuration are told all at once', async () => {
    const { code, err } = await run('migrate up', {
      environment: { PORT: 'x', REGISTRATION: 'no' },
    })
    expect(code).toBe(1)
    expect(err.split('\n').map((line) => line.slice(0, 14))).toEqual([
      'plinth: PORT: ',
      'plinth: REGIST',
    ])
  })
})
