import { afterEach, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ParsedConfig } from './config.ts'
import { ensureSecret } from './ensure-secret.ts'
import { rotateKept } from './kept-secrets.ts'
import { parseConfig } from './parse-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-secret-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const database = join(folder, 'data', 'app.db')
const kept = `${database}.secret`

function config(environment: Record<string, string> = {}): ParsedConfig {
  const parsed = parseConfig({ DATABASE_URL: `sqlite:///${database}`, ...environment })
  if (!parsed.ok) throw new Error('not a configuration')
  return parsed.value
}

describe('ensureSecret', () => {
  test('takes the one that is set and writes nothing', () => {
    const secret = 'k7Qw2ZrT9vLm4XcB8nHs1JdF6gPy3UaE'
    expect(ensureSecret(config({ SECRET_KEY: secret })).secret).toBe(secret)
    expect(() => statSync(kept)).toThrow('ENOENT')
  })

  test('makes one that only its owner reads, and keeps it', () => {
    const { secret } = ensureSecret(config())
    expect(secret.length).toBe(43)
    expect(statSync(kept).mode & 0o777).toBe(0o600)
    expect(readFileSync(kept, 'utf8')).toBe(`${secret}\n`)
    expect(ensureSecret(config()).secret).toBe(secret)
    expect(readdirSync(join(folder, 'data'))).toEqual(['app.db.secret'])
  })

  test('takes away the rights that others got to it', () => {
    const { secret } = ensureSecret(config())
    chmodSync(kept, 0o644)
    expect(ensureSecret(config()).secret).toBe(secret)
    expect(statSync(kept).mode & 0o777).toBe(0o600)
  })

  test('never signs with a file that was cut short', () => {
    ensureSecret(config())
    writeFileSync(kept, 'half')
    expect(() => ensureSecret(config())).toThrow(/holds no secret.*Delete it/)
  })

  test('a rotated secret signs, and those before it stay', () => {
    const first = ensureSecret(config())
    const second = rotateKept(kept)
    const third = rotateKept(kept)
    expect(second.oldSecrets).toEqual([first.secret])
    const { secret, oldSecrets } = ensureSecret(config())
    expect({ secret, oldSecrets }).toEqual(third)
    expect(oldSecrets).toEqual([second.secret, first.secret])
    expect(new Set([first.secret, second.secret, third.secret]).size).toBe(3)
    expect(statSync(kept).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'data'))).toEqual(['app.db.secret'])
  })

  test('a rotation leaves as many of the old ones as it is told, ten at most', () => {
    ensureSecret(config())
    for (let count = 0; count < 10; count++) rotateKept(kept)
    const before = readFileSync(kept, 'utf8')
    expect(() => rotateKept(kept)).toThrow(/--keep 10/)
    expect(readFileSync(kept, 'utf8')).toBe(before)
    expect(rotateKept(kept, 10).oldSecrets).toHaveLength(10)
    expect(rotateKept(kept, 0).oldSecrets).toEqual([])
  })

  test('never signs beside an old secret that was cut short', () => {
    const { secret } = ensureSecret(config())
    writeFileSync(kept, `${secret}\nhalf\n`)
    expect(() => ensureSecret(config())).toThrow(/holds no secret/)
  })

  test('names the folder and the repair where it cannot be written', () => {
    const blocked = config({ DATABASE_URL: 'sqlite:////dev/null/app.db' })
    expect(() => ensureSecret(blocked)).toThrow(/\/dev\/null\/app\.db\.secret.*JWT_SECRET_KEY/)
  })

  test('processes that start at once get the same', async () => {
    const script = `
      import { ensureSecret } from ${JSON.stringify(join(import.meta.dir, 'ensure-secret.ts'))}
      const database = { dialect: 'sqlite', file: ${JSON.stringify(database)} }
      process.stdout.write(ensureSecret({ secret: undefined, database }).secret)`
    const secrets = await Promise.all(
      Array.from({ length: 6 }, () =>
        new Response(Bun.spawn([process.execPath, '-e', script]).stdout).text(),
      ),
    )
    expect(new Set(secrets).size).toBe(1)
    expect(secrets[0]?.length).toBe(43)
    expect(readdirSync(join(folder, 'data'))).toEqual(['app.db.secret'])
  })
})
