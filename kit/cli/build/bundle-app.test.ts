import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dir, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'plinth-build-'))
const home = join(folder, 'home')
const alone = join(folder, 'alone')
afterAll(() => rmSync(folder, { recursive: true }))

function start(command: readonly string[], cwd: string) {
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, PORT: '0', HOST: '127.0.0.1' }
  return Bun.spawn([...command], {
    cwd,
    env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
}

/** The address in the line that says the server is ready. */
async function addressOf({ stdout, stderr }: ReturnType<typeof start>): Promise<string> {
  let text = ''
  // A stream that has ended would answer nothing at once, again and again.
  for await (const chunk of stdout.values({ preventCancel: true })) {
    text += Buffer.from(chunk).toString()
    const address = /ready on (\S+)/.exec(text)?.[1]
    if (address) return address
  }
  throw new Error(`It did not start: ${text}${await stderr.text()}`)
}

async function run(command: readonly string[], cwd: string) {
  const child = start(command, cwd)
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
  return { code: await child.exited, out, err }
}

const plinth = (...args: string[]) => run(['node', join(home, 'bin/plinth.js'), ...args], home)

beforeAll(async () => {
  for (const path of ['kit', 'tools', 'bin', 'app.ts', 'package.json'])
    cpSync(join(root, path), join(home, path), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
  expect(await plinth('build')).toMatchObject({ code: 0, err: '' })
  cpSync(join(home, 'dist'), join(alone, 'dist'), { recursive: true })
}, 30_000)

test('a copy of dist runs where nothing else is', async () => {
  const server = start([process.execPath, '--no-install', 'dist/plinth.js', 'start'], alone)
  const url = await addressOf(server)
  expect((await fetch(`${url}/health`)).status).toBe(200)
  expect((await fetch(`${url}/docs/scalar.js`)).status).toBe(200)
  const refused = await fetch(`${url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'ada', password: 'password123' }),
  })
  expect(await refused.text()).toContain('most used passwords')
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
  // What is loaded only when it is needed is there too: the log.
  expect(await server.stderr.text()).toContain('"msg":"The first admin was made."')
}, 30_000)

test('a copy of dist makes no migrations', async () => {
  const { code, err } = await run(
    [process.execPath, '--no-install', 'dist/plinth.js', 'migrate', 'make'],
    alone,
  )
  expect(code).toBe(1)
  expect(err).toContain('needs the sources')
})

test('it says the same of the routes as the sources do, file and line', async () => {
  const sources = [process.execPath, join(home, 'kit/cli/main.ts'), 'routes']
  const bundle = [process.execPath, join(home, 'dist/plinth.js'), 'routes']
  const [expected, found] = await Promise.all([run(sources, home), run(bundle, home)])
  expect(expected.out).toContain('tools/tasks/routes.ts:')
  expect(found).toEqual(expected)
}, 30_000)

test('it is strict, as the sources are', async () => {
  const text = readFileSync(join(home, 'dist/app.js'), 'utf8')
  expect(text.slice(0, 200)).toContain('{"use strict";')
})

test('the bundle runs while it is current, and else the sources', async () => {
  const fake = 'exports.run = () => { console.log("the bundle"); process.exit(0) }'
  writeFileSync(join(home, 'dist/app.js'), fake)
  rmSync(join(home, 'dist/app.js.jsc'))
  expect(await plinth('start')).toEqual({ code: 0, out: 'the bundle\n', err: '' })
  expect((await plinth('migrate', 'make')).out).toContain('Nothing to do')

  rmSync(join(home, 'dist/manifest.json'))
  expect((await plinth('routes')).out).toContain('tools/tasks/routes.ts:')
  cpSync(join(alone, 'dist/manifest.json'), join(home, 'dist/manifest.json'))
  expect((await plinth('routes')).out).toBe('the bundle\n')

  writeFileSync(join(home, 'app.ts'), 'export const none = 1')
  const stale = await plinth('start')
  expect(stale.out).toBe('')
  expect(stale.err).toContain('dist is older than the sources, which are used: npm run build')
  expect(stale.err).toContain('app.ts exports no "app"')
}, 30_000)

test('a dist that holds something else is left alone', async () => {
  const other = join(folder, 'other')
  mkdirSync(join(other, 'dist'), { recursive: true })
  writeFileSync(join(other, 'dist/index.html'), 'mine')
  const { code, err } = await run(['node', join(root, 'bin/plinth.js'), 'build'], other)
  expect(code).toBe(1)
  expect(err).toContain('dist holds something else. Move it away')
  expect(readFileSync(join(other, 'dist/index.html'), 'utf8')).toBe('mine')
}, 30_000)
