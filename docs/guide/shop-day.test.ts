import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseConfig } from '#kit/core'
import { eachDialect } from '#kit/testing'
import { quickServer, type ServerProcess, startServer } from '../../test/server-process.ts'

const root = join(import.meta.dir, '../..')
const path = process.env['PATH'] ?? ''

async function run(command: readonly string[], environment: Readonly<Record<string, string>>) {
  const child = Bun.spawn([...command], {
    cwd: root,
    env: { PATH: path, ...environment },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
  return { code: await child.exited, out, err }
}

function urlOf(config: DatabaseConfig): string {
  return config.dialect === 'postgres' ? config.url : `sqlite:///${config.file}`
}

/** What stands below a title of what the script prints. */
function under(out: string, title: string): string[] {
  const [, rest = ''] = out.split(`== ${title}`)
  const [, ...lines] = (rest.split('\n== ')[0] ?? '').trimEnd().split('\n')
  return lines
}

eachDialect('a day in the shop, by curl', (dialect) => {
  let folder: string
  let server: ServerProcess
  let summary: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plinth-day-'))
    summary = join(folder, 'summary.csv')
    const { config } = await dialect.create()
    const environment = {
      DATABASE_URL: urlOf(config),
      HOST: '127.0.0.1',
      PORT: '0',
      PLINTH_ENV: 'test',
      JWT_SECRET_KEY: 'a secret for a whole day in the shop, long enough',
    }
    const plinth = [process.execPath, '--no-install', join(root, 'kit/cli/main.ts')]
    expect(await run([...plinth, 'seed', 'store'], environment)).toMatchObject({ code: 0 })
    server = await startServer(environment, { words: quickServer })
  }, 60_000)
  afterAll(async () => {
    await server.end('SIGTERM')
    await rm(folder, { recursive: true, force: true })
  })

  test('it goes from the night count to the empty box', async () => {
    const { code, out, err } = await run(['bash', join(import.meta.dir, 'shop-day.sh')], {
      PLINTH: server.url,
      SUMMARY: summary,
    })
    expect([code, err]).toEqual([0, ''])
    expect(under(out, 'Night')).toEqual(['night_boh', 'morning'])
    expect(under(out, 'Morning')).toEqual(['on_order', 'completed'])
    expect(under(out, 'What is to be ordered').slice(0, 2)).toEqual([
      '   7 Whole',
      '  27 Reduced Fat 2%',
    ])
    expect(under(out, 'Ana restocks').slice(-3)).toEqual(['   1 Green Juice', 'completed', 'Ana'])
    expect(under(out, 'Ben brings')).toEqual(['Vanilla Syrup', '3'])
    expect(under(out, 'Ana takes')).toEqual(['Vanilla Syrup', 'Item removed successfully'])
    const evening = under(out, 'What the manager reads')
    expect(evening).toHaveLength(11)
    expect(evening).toContain('Ana: Display restocked: Fetched: 16 (lines: 6); not counted: 14')
    const lines = (await readFile(summary, 'utf8')).split('\r\n')
    expect(lines[1]).toBe('Whole,dairy,9,16,boh_count,28,12,4,37,48,7')
    expect(lines.at(-2)).toBe('Total,,41,91,,,34,18,161,222,48')
  }, 60_000)
})
