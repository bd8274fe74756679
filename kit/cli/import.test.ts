import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eachDialect, type RecordingIo, recordingIo, type TestDialect } from '#kit/testing'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-import-'))
afterAll(() => rmSync(folder, { recursive: true }))
const app = join(folder, 'app')
const root = join(import.meta.dir, '../..')

await Bun.write(
  join(app, 'app.ts'),
  `import { createApp, defineTool } from '${root}/kit/tool/index.ts'
import { defineModel, f } from '${root}/kit/model/index.ts'
const Reader = defineModel('reader', { owner: { field: 'id' }, access: { read: 'owner', write: 'owner' }, fields: { name: f.text({ max: 9 }) } })
const Book = defineModel('book', {
  owner: { field: 'reader_id', of: Reader },
  access: { read: 'owner', write: 'owner' },
  fields: { title: f.text({ min: 1, max: 20 }), isbn: f.text({ max: 9 }).optional().unique() },
})
const ids = { ada: '019b0000-0000-7000-8000-00000000000a', bob: '019b0000-0000-7000-8000-00000000000b' }
const books = defineTool({
  name: 'books', models: [Reader, Book], routes: [], migrations: '${app}/migrations',
  actorNamed: async (_, name) => ids[name] && { id: ids[name], role: name === 'bob' ? 'admin' : 'user', sessionId: null },
  seed: async ({ ensure }) => { for (const name in ids) await ensure(Reader, { name }, { id: ids[name], name }) },
})
export const app = createApp({ name: 'books', version: '1.0.0', tools: [books] })
`,
)

interface Call {
  readonly url: string
  readonly input?: string
  readonly io?: RecordingIo
}

async function run(line: string, { url, input = '', io = recordingIo({ input }) }: Call) {
  const environment = { DATABASE_URL: url, LOG_LEVEL: 'silent', PLINTH_ENV: 'test' }
  const code = await runCli(line.split(' '), { io, environment, folder: app })
  return { code, out: io.lines.join('\n'), err: io.errors.join('\n') }
}

async function open(dialect: TestDialect): Promise<string> {
  const { config } = await dialect.create()
  const url = 'file' in config ? `sqlite:///${config.file}` : config.url
  if (!existsSync(join(app, 'migrations'))) await run('migrate make', { url })
  await run('db seed', { url })
  return url
}

const ada = '019b0000-0000-7000-8000-00000000000a'

eachDialect('plinth import and export', (dialect) => {
  test('what was exported is imported as it was, from a file or standard input', async () => {
    const url = await open(dialect)
    const input = `title,isbn\r\n=1+1,1\r\n"a\nb",\r\nc,""\r\n`
    expect(await run('import book - --as ada --dry-run', { url, input })).toEqual({
      code: 0,
      out: '3 rows of books could be imported; nothing was written',
      err: '',
    })
    const done = await run('import books - --as ada', { url, input })
    expect(done).toMatchObject({ code: 0, err: '' })
    expect(done.out).toMatch(/^imported 3 rows into books in [\d.]+ s/)
    const printed = await run('export book', { url })
    expect(printed.out).toStartWith('\ufeffid,reader_id,title,isbn,created_at,updated_at\r\n')
    expect(printed.out).toContain(`,${ada},'=1+1,1,`)

    const file = join(folder, `${dialect.name}.csv`)
    const wrote = await run(`export book --out ${file} --as ada`, { url })
    expect(wrote.out).toBe(`wrote ${file} (3 rows)`)
    expect(readFileSync(file, 'utf8')).toBe(`${printed.out}\n`)
    const taken = await run(`import book ${file}`, { url })
    expect(taken).toEqual({
      code: 1,
      out: '',
      err: 'plinth: line.2.isbn: Is taken.\nplinth: line.5.isbn: Is taken.',
    })
    const other = await open(dialect)
    expect((await run(`import book ${file}`, { url: other })).code).toBe(0)
    const values = (text: string) => text.split('\r\n').map((row) => row.split(',').slice(1, 4))
    const again = await run('export book', { url: other })
    expect(values(again.out)).toEqual(values(printed.out))
  })

  test('faults are told with their lines, and nothing is written', async () => {
    const url = await open(dialect)
    const refused = async (line: string, input: string) => {
      const { code, out, err } = await run(line, { url, input })
      return [code, out, ...err.split('\n')]
    }
    expect(await refused('import book - --as ada', 'title\na\n\n,\n')).toEqual([
      ...[1, '', 'plinth: line.4: Has 2 values where the header has 1.'],
    ])
    const nobody = await refused('import book -', 'title\na\n')
    expect(nobody[2]).toContain('line.1.reader_id: Is required')
    const many = Array.from({ length: 130 }, (_, at) => `t,${at === 129 ? 0 : at}\n`).join('')
    const twice = await refused('import book - --as ada', `title,isbn\n${many}`)
    expect(twice[2]).toContain('line.131.isbn: Stands in line 2 already.')
    const notHis = `title,reader_id\na,019b0000-0000-7000-8000-00000000000b\n`
    expect((await refused('import book - --as ada', notHis))[2]).toContain('no such reader')
    expect((await run('import book - --as bob', { url, input: notHis })).code).toBe(0)
    expect((await refused('import nothing -', ''))[0]).toBe(2)
    expect((await refused('import book nowhere.csv', ''))[2]).toContain('There is no file')
    expect((await refused('import book - --as cy', 'title\na\n'))[2]).toContain('no active user')
    expect((await run('export book --as ada', { url })).out.split('\n')).toHaveLength(1)
  })

  test('a value that stands twice far apart in a long file is found by the database', async () => {
    const url = await open(dialect)
    const lines = Array.from({ length: 9000 }, (_, at) => `title ${at},${at === 8999 ? 1 : at}\n`)
    const input = `title,isbn\n${lines.join('')}`
    const { code, err } = await run('import book - --as ada', { url, input })
    expect([code, err]).toEqual([1, expect.stringMatching(/One of the lines \d+ to 9001: .*isbn/)])
    expect((await run('export book', { url })).out.split('\n')).toHaveLength(1)
  })

  test('Ctrl-C leaves nothing half done', async () => {
    const url = await open(dialect)
    const input = `title\n${'some title\n'.repeat(30_000)}`
    const io = recordingIo({ input })
    // As soon as it listens.
    const stop = setInterval(() => io.interrupt() && clearInterval(stop), 1)
    const done = run('import book - --as ada', { url, io })
    const { code, err } = await done.finally(() => clearInterval(stop))
    expect([code, err]).toEqual([130, expect.stringContaining('Nothing was imported.')])
    expect((await run('export book', { url })).out.split('\n')).toHaveLength(1)
  })
})
