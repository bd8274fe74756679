import { afterAll, beforeEach, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTokens } from '#kit/auth'
import { createIds, ensureSecret, parseConfig, systemClock } from '#kit/core'
import { recordingIo } from '#kit/testing'
import { runCli } from '../run-cli.ts'

const root = join(import.meta.dir, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'plinth-rotate-'))
const kept = join(folder, 'app.db.secret')
const first = 'k7Qw2ZrT9vLm4XcB8nHs1JdF6gPy3UaE'
const production = { PLINTH_ENV: 'production', JWT_SECRET_KEY: first }

beforeEach(() => rmSync(kept, { force: true }))
afterAll(() => rmSync(folder, { recursive: true }))

type Environment = Readonly<Record<string, string>>

async function rotate(environment: Environment, ...options: string[]) {
  const io = recordingIo()
  const code = await runCli(['secret', 'rotate', ...options], {
    io,
    environment: { DATABASE_URL: `sqlite:///${join(folder, 'app.db')}`, ...environment },
    folder: root,
  })
  return { code, lines: io.lines, err: io.errors.join('\n') }
}

/** The lines of a shell, read by a shell. */
function sourced(lines: readonly string[]): Environment {
  const names = ['JWT_SECRET_KEY', 'JWT_SECRET_KEY_FALLBACKS']
  const script = [...lines, ...names.map((name) => `printf '%s\\n' "$${name}"`)].join('\n')
  const { stdout } = Bun.spawnSync(['sh', '-c', script], { env: {} })
  const values = stdout.toString().split('\n')
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']))
}

function tokensOf(environment: Environment) {
  const parsed = parseConfig({
    DATABASE_URL: `sqlite:///${join(folder, 'app.db')}`,
    ...environment,
  })
  if (!parsed.ok) throw new Error(parsed.errors.map(({ problem }) => problem).join('\n'))
  const config = ensureSecret(parsed.value)
  const { nowMs } = systemClock
  return createTokens({ ...config, nowMs, makeId: createIds(systemClock).uuid })
}

async function verify(environment: Environment, token: string) {
  return tokensOf(environment).verifyAccess(token)
}

const id = '019b0000-0000-7000-8000-00000000000a'
const subject = { userId: id, sessionId: id }

test('in development the kept file is rewritten; tokens of before are good', async () => {
  const token = await tokensOf({}).signAccess(subject)
  const before = readFileSync(kept, 'utf8').trim()
  const { code, lines, err } = await rotate({})
  expect([code, err]).toEqual([0, ''])
  expect(lines).toEqual([
    expect.stringMatching(/app\.db\.secret holds a new.*the old one verifies/),
  ])
  const [newest, older] = readFileSync(kept, 'utf8').trim().split('\n')
  expect(older).toBe(before)
  expect(lines.join('')).not.toContain(newest ?? before)
  expect(statSync(kept).mode & 0o777).toBe(0o600)
  expect(await tokensOf({}).verifyAccess(token)).toMatchObject(subject)
  await rotate({})
  expect(await tokensOf({}).verifyAccess(token)).toMatchObject(subject)
  expect((await rotate({}, '--keep', '0')).lines.join('')).toContain('all have to log in again')
  await expect(verify({}, token)).rejects.toThrow(/signature/)
})

test('in production it prints what to set, changes nothing, and nobody is logged out', async () => {
  const audience = { ...production, JWT_REFRESH_TOKEN_EXPIRES: '7d' }
  const token = await tokensOf(production).signAccess(subject)
  const { code, lines, err } = await rotate(audience)
  expect(code).toBe(0)
  expect(existsSync(kept)).toBe(false)
  const next = sourced(lines)
  expect(next).toEqual({
    JWT_SECRET_KEY: expect.stringMatching(/^[\w-]{43}$/),
    JWT_SECRET_KEY_FALLBACKS: first,
  })
  expect(err).toMatch(/several processes/)
  expect(err).toMatch(/After 7 days/)
  expect(err).not.toContain(first)
  const rotated = tokensOf({ ...production, ...next })
  expect(await rotated.verifyAccess(token)).toMatchObject(subject)
  const newest = await rotated.signAccess(subject)
  await expect(verify(production, newest)).rejects.toThrow(/signature/)

  const again = sourced((await rotate({ ...production, ...next })).lines)
  expect(again['JWT_SECRET_KEY_FALLBACKS']).toBe(`${next['JWT_SECRET_KEY']},${first}`)
  expect(await tokensOf({ ...production, ...again }).verifyAccess(token)).toMatchObject(subject)

  const leaked = sourced((await rotate({ ...production, ...next }, '--keep', '0')).lines)
  expect(leaked['JWT_SECRET_KEY_FALLBACKS']).toBe('')
})

test('a secret that holds commas, spaces and quotes comes through a shell as it was', async () => {
  const odd = 'Zq7, "it\'s a $passphrase" of 32 chars & more'
  const next = sourced((await rotate({ JWT_SECRET_KEY: odd })).lines)
  const parsed = parseConfig({ ...production, ...next })
  expect(parsed).toMatchObject({ ok: true, value: { oldSecrets: [odd] } })
})

test('refuses what it cannot do, with the secrets as they were', async () => {
  for (const [keep, fault] of [
    ['many', /no number from 0 to 10/],
    ['11', /no number from 0 to 10/],
  ] as const)
    expect(await rotate({}, '--keep', keep)).toMatchObject({
      code: 2,
      err: expect.stringMatching(fault),
    })
  const ten = Array.from({ length: 10 }, (_, count) => `${first}${count}`).join(',')
  const full = await rotate({ ...production, JWT_SECRET_KEY_FALLBACKS: ten })
  expect(full).toMatchObject({ code: 1, lines: [], err: expect.stringMatching(/--keep 10/) })
  const none = await rotate({ PLINTH_ENV: 'production' })
  expect(none).toMatchObject({
    code: 1,
    lines: [],
    err: expect.stringMatching(/JWT_SECRET_KEY: It is not set/),
  })
  expect(existsSync(kept)).toBe(false)
})
