import { beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { createLog, type DatabaseConfig } from '#kit/core'
import { type AuditDraft, type Database, openDatabase } from '#kit/db'
import { eachDialect, recordingIo } from '#kit/testing'
import { runCli } from './run-cli.ts'

const folder = join(import.meta.dir, '../..')
const ada = '018f0000-0000-7000-8000-00000000ada0'
const hourMs = 3_600_000

const urlOf = (config: DatabaseConfig) =>
  'file' in config ? `sqlite:///${config.file}` : config.url

function draft(row: number, more: Partial<AuditDraft> = {}): AuditDraft {
  return {
    actorId: ada,
    sessionId: null,
    requestId: `request-${row}`,
    atMs: Date.now() - row * hourMs,
    action: 'change',
    model: 'task',
    rowId: String(row),
    before: { completed: false },
    after: { completed: true },
    undoes: null,
    ...more,
  }
}

eachDialect('plinth audit', (dialect) => {
  let config: DatabaseConfig
  const run = async (line: string, more: Readonly<Record<string, string>> = {}) => {
    const io = recordingIo()
    const environment = { DATABASE_URL: urlOf(config), LOG_LEVEL: 'silent', ...more }
    const code = await runCli(line.split(' '), { io, environment, folder })
    return { code, out: io.lines.join('\n'), err: io.errors.join('\n') }
  }
  const withDatabase = async (work: (database: Database) => Promise<unknown>) => {
    const database = await openDatabase(config, { log: createLog('silent') })
    await work(database)
    await database.close()
  }
  beforeAll(async () => {
    config = (await dialect.create()).config
    await run('db init')
    await withDatabase(async (database) => {
      for (const row of [72, 48, 3])
        await database.write('task.complete', (unit) => unit.record(draft(row)))
      await database.write('seed', (unit) =>
        unit.record(draft(1, { actorId: null, model: 'user', action: 'create', before: null })),
      )
    })
  })

  test('verify says that it holds; with --heads, where each chain stands', async () => {
    expect(await run('audit verify')).toEqual({
      code: 0,
      out: 'The audit trail holds: 4 entries in 1 chain.',
      err: '',
    })
    const { code, out } = await run('audit verify --heads')
    expect(code).toBe(0)
    expect(out).toMatch(/^4 [0-9a-f]{64} [0-9a-f-]{36}$/)
  })

  describe('show', () => {
    const rowsOf = (out: string) =>
      [...out.matchAll(/(?:task|user) (\d+) by/g)].map(([, row]) => row)

    test('tells all, newest first', async () => {
      const { code, out } = await run('audit show')
      expect(code).toBe(0)
      expect(rowsOf(out)).toEqual(['1', '3', '48', '72'])
      const [first, ...others] = out.split('\n')
      expect(first).toMatch(/^\S{24} [0-9a-f-]{36} create user 1 by system in seed$/)
      expect(others[0]).toBe('  completed: true')
      expect(out).toContain(`change task 3 by ${ada} in task.complete\n  completed: false → true`)
    })

    test.each([
      ['--model task', ['3', '48', '72']],
      ['--model task --row 48', ['48']],
      ['--actor system', ['1']],
      [`--actor ${ada} --limit 2`, ['3', '48']],
      ['--request request-72', ['72']],
      ['--since 2d', ['1', '3']],
      ['--since 2099-01-01', []],
    ])('%s', async (given, expected) => {
      const { code, out } = await run(`audit show ${given}`)
      expect({ code, rows: rowsOf(out) }).toEqual({ code: 0, rows: expected as string[] })
    })

    test('--json answers an entry a line', async () => {
      const { out } = await run('audit show --json --limit 1')
      expect(JSON.parse(out)).toMatchObject({ model: 'user', row_id: '1', seq: 4, actor_id: null })
    })

    test.each(['--row 3', '--since yesterday', '--limit 0', '--limit x'])(
      'refuses %s',
      async (given) => {
        expect((await run(`audit show ${given}`)).code).toBe(2)
      },
    )
  })

  test('prune removes what is old, and says what it wants', async () => {
    expect(await run('audit prune')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--older-than AGE'),
    })
    expect((await run('audit prune --older-than 90')).code).toBe(2)
    expect((await run('audit prune', { AUDIT_RETENTION: '365' })).err).toContain('from one day')
    expect(await run('audit prune --older-than 60h')).toMatchObject({
      code: 0,
      out: '1 entry removed',
    })
    expect((await run('audit prune', { AUDIT_RETENTION: '1d' })).out).toBe('1 entry removed')
    expect((await run('audit prune', { AUDIT_RETENTION: '1d' })).out).toBe('0 entries removed')
    expect((await run('audit verify')).out).toBe('The audit trail holds: 2 entries in 1 chain.')
  })

  test('verify names what is altered, with exit code 1', async () => {
    await withDatabase((database) =>
      database.exclusively((executor) =>
        executor.execute("UPDATE plinth_audit_chains SET hash = 'x'"),
      ),
    )
    const { code, out, err } = await run('audit verify')
    expect(code).toBe(1)
    expect(out).toMatch(/^head: chain [0-9a-f-]{36}: it is not that of its entries$/)
    expect(err).toBe('plinth: 1 fault in the audit trail: 2 entries in 1 chain.')
  })

  test('a database without a trail is told so', async () => {
    const { config: empty } = await dialect.create()
    await openDatabase(empty, { log: createLog('silent') }).then((database) => database.close())
    const { code, err } = await run('audit verify', { DATABASE_URL: urlOf(empty) })
    expect(code).toBe(1)
    expect(err).toContain('plinth migrate up')
  })
})
