import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eachDialect, recordingIo } from '#kit/testing'
import { runCli } from './run-cli.ts'

const root = join(import.meta.dir, '../..')
const folder = mkdtempSync(join(tmpdir(), 'plinth-doctor-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What the doctor says of a database in our folder. */
async function examine(name: string, environment: Readonly<Record<string, string>> = {}) {
  const io = recordingIo()
  const url = `sqlite:///${join(folder, name)}`
  const code = await runCli(['doctor'], {
    io,
    environment: { DATABASE_URL: url, ...environment },
    folder: root,
  })
  return { code, out: io.lines.join('\n'), err: io.errors.join('\n') }
}

async function migrated(name: string): Promise<string> {
  const file = join(folder, name)
  const environment = { DATABASE_URL: `sqlite:///${file}` }
  expect(await runCli(['migrate', 'up'], { io: recordingIo(), environment, folder: root })).toBe(0)
  return file
}

test('a place where nothing is yet is sound, and stays untouched', async () => {
  const { code, out } = await examine('none.db')
  expect(code).toBe(0)
  expect(out).not.toMatch(/^(warn|fail)/m)
  expect(out).toContain('none.db is not there yet')
  expect(await Bun.file(join(folder, 'none.db')).exists()).toBe(false)
})

eachDialect('the doctor', (dialect) => {
  test('a migrated database is sound, and its trial write is gone', async () => {
    const { config } = await dialect.create()
    const url = 'file' in config ? `sqlite:///${config.file}` : config.url
    const environment = { DATABASE_URL: url }
    expect(await runCli(['migrate', 'up'], { io: recordingIo(), environment, folder: root })).toBe(
      0,
    )
    const { code, out } = await examine('', environment)
    expect(code).toBe(0)
    expect(out.split('\n').map((line) => line.split(/ +/, 2).join(' '))).toEqual([
      'ok config',
      'ok secret',
      'ok app',
      'ok database',
      'ok migrations',
      'ok audit',
      'ok jobs',
      'ok clock',
      'ok permissions',
      ...('file' in config ? ['ok disk'] : []),
    ])
  })
})

describe('finds', () => {
  test('all faults of the configuration, and looks at what it can', async () => {
    const { code, out } = await examine('x.db', { PORT: 'x', PLINTH_ENV: 'production' })
    expect(code).toBe(1)
    expect(out).toMatch(/^fail +config +PORT: .* → /m)
    expect(out).toMatch(/^fail +config +JWT_SECRET_KEY: .* → Make one with: openssl/m)
    expect(out).toMatch(/^ok +app /m)
  })

  test('a weak secret', async () => {
    const { code, out } = await examine('x.db', { JWT_SECRET_KEY: 'a'.repeat(40) })
    expect(code).toBe(0)
    expect(out).toMatch(/^warn +secret +JWT_SECRET_KEY: .*too few different/m)
  })

  test('a file that is no database', async () => {
    writeFileSync(join(folder, 'text.db'), 'no database '.repeat(999))
    const { code, out } = await examine('text.db')
    expect(code).toBe(1)
    expect(out).toMatch(/^fail +database +\S+ is not an SQLite database/m)
  })

  test('pending migrations: doubtful where the start applies them, else a fault', async () => {
    const file = await migrated('behind.db')
    const environment = { DATABASE_URL: `sqlite:///${file}` }
    await runCli(['migrate', 'down'], { io: recordingIo(), environment, folder: root })
    const relaxed = await examine('behind.db')
    expect(relaxed.code).toBe(0)
    expect(relaxed.out).toMatch(/^warn +migrations +Pending: \w+\/0001-initial/m)
    const strict = await examine('behind.db', { MIGRATE: 'check' })
    expect(strict.code).toBe(1)
    expect(strict.out).toMatch(/^fail +migrations .*→ plinth migrate up$/m)
  })

  test('a clock that is behind the data', async () => {
    const file = await migrated('ahead.db')
    const later = Date.now() / 1000 + 86_400
    utimesSync(file, later, later)
    const { code, out } = await examine('ahead.db')
    expect(code).toBe(1)
    expect(out).toMatch(/^fail +clock +It shows \S+, but \S+ahead\.db is of /m)
  })

  test('a secret that others may read', async () => {
    const file = await migrated('open.db')
    writeFileSync(`${file}.secret`, 'x'.repeat(40))
    chmodSync(`${file}.secret`, 0o644)
    const { code, out } = await examine('open.db')
    expect(code).toBe(1)
    expect(out).toMatch(/^fail +permissions .*→ chmod 600 \S+open\.db\.secret$/m)
  })

  test('in production, data that others may read', async () => {
    const file = await migrated('readable.db')
    chmodSync(file, 0o644)
    const { out } = await examine('readable.db', {
      PLINTH_ENV: 'production',
      JWT_SECRET_KEY: 'mTJ8pKd2vQxZr7WnYc4HsLgB9fEuXa63',
    })
    expect(out).toMatch(/^warn +permissions .*→ chmod o-rwx \S+readable\.db$/m)
  })

  test('an app that does not load', async () => {
    const home = mkdtempSync(join(folder, 'app-'))
    writeFileSync(join(home, 'app.ts'), 'export const application = 1')
    const io = recordingIo()
    const environment = { DATABASE_URL: `sqlite:///${join(folder, 'none.db')}` }
    expect(await runCli(['doctor'], { io, environment, folder: home })).toBe(1)
    expect(io.lines.join('\n')).toMatch(/^fail +app +\S+app\.ts exports no "app"/m)
  })
})

test('the keys of another issuer are looked for', async () => {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: ({ url }) =>
      url.endsWith('/jwks') ? Response.json({ keys: [{ kty: 'OKP' }] }) : new Response('no'),
  })
  const url = `http://127.0.0.1:${server.port}`
  const issuer = { AUTH_ISSUER: url, AUTH_JWKS_URL: `${url}/jwks` }
  const there = await examine('none.db', issuer)
  expect(there.out).toMatch(/^ok +issuer +1 key at http/m)
  const wrong = await examine('none.db', { ...issuer, AUTH_JWKS_URL: `${url}/keys` })
  expect(wrong.out).toMatch(
    /^fail +issuer +http\S+\/keys: .*no set of keys\. → Open AUTH_JWKS_URL/m,
  )
  await server.stop(true)
  const loose = await examine('none.db', { BETTER_AUTH_SECRET: 'Vw3Qk9ZrT7vLm2XcB6nHs4JdF8gPy5Ua' })
  expect(loose.out).toMatch(/^warn +issuer +.*whomever.*AUTH_AUDIENCE/m)
})

test('old secrets are counted', async () => {
  const [secret, old] = ['Vw3Qk9ZrT7vLm2XcB6nHs4JdF8gPy5Ua', 'Xr6Nw1TbK9pQe4ZsVh7Mc3LfYd8Ja2Gu']
  const environment = { JWT_SECRET_KEY: secret, JWT_SECRET_KEY_FALLBACKS: old }
  const { out } = await examine('none.db', environment)
  expect(out).toMatch(/^ok +secret +set, 32 characters; older ones verify still: 1$/m)
  expect(out).not.toContain(old)
})
