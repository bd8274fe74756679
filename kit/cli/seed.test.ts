import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordingIo } from '#kit/testing'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-seed-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function run(line: string) {
  const io = recordingIo()
  const environment = {
    DATABASE_URL: `sqlite:///${join(folder, 'app.db')}`,
    PLINTH_ENV: 'test',
    JWT_SECRET_KEY: 'a secret for seeds, long enough to be one',
  }
  const root = join(import.meta.dir, '../..')
  const code = await runCli(line.split(' '), { io, environment, folder: root })
  return { code, lines: io.lines, err: io.errors.join('\n') }
}

test.each([
  ['seed', 'set'],
  ['seed shop', 'There is no set "shop". There are: store.'],
  ['seed store --days 3', '--demo'],
  ['seed store --demo --days 0', 'no number from 1 to 60'],
  ['seed store --demo --days 61', 'no number from 1 to 60'],
  ['seed store --demo --days x', 'no number from 1 to 60'],
])('plinth %s is misused', async (line, message) => {
  const { code, err } = await run(line)
  expect([code, err]).toEqual([2, expect.stringContaining(message)])
})

test('a set is put in, and once', async () => {
  expect(await run('seed store')).toMatchObject({
    code: 0,
    lines: expect.arrayContaining(['rtde: 20 made, 0 there already']),
  })
  const again = await run('seed store')
  expect(again.code).toBe(0)
  for (const line of again.lines) expect(line).toMatch(/^[a-z-]+: 0 made, [1-9]\d* there already$/)
})
