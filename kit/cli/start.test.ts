import { afterAll, expect, test } from 'bun:test'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dir, '../..')
const folder = mkdtempSync(join(tmpdir(), 'plinth-start-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The package without what may lie beside its sources: a bundle of yesterday, an .env, data. */
const home = join(folder, 'home')
cpSync(join(root, 'bin'), join(home, 'bin'), { recursive: true })
for (const name of ['app.ts', 'kit', 'tools', 'node_modules', 'package.json'])
  symlinkSync(join(root, name), join(home, name))

/** `plinth` as a process of its own, by the executable of the package. */
function plinth(args: string[], environment: Readonly<Record<string, string>> = {}) {
  const { PATH = '', HOME = '' } = process.env
  return Bun.spawn([Bun.which('node') ?? 'node', join(home, 'bin/plinth.js'), ...args], {
    cwd: home,
    env: {
      PATH,
      HOME,
      HOST: '127.0.0.1',
      DATABASE_URL: `sqlite:///${join(folder, 'app.db')}`,
      ...environment,
    },
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
}

type Running = ReturnType<typeof plinth>

/** The address in the line that says the server is ready. */
async function addressOf(server: Running): Promise<string> {
  let text = ''
  for await (const chunk of server.stdout) {
    text += Buffer.from(chunk).toString()
    const address = /ready on (\S+)/.exec(text)?.[1]
    if (address) return address
  }
  throw new Error(`It ended with ${text}${await server.stderr.text()}`)
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'start serves until %s, then ends with 0',
  async (signal) => {
    const server = plinth(['start'], { PORT: '0' })
    const address = await addressOf(server)
    expect(await (await fetch(`${address}/health`)).json()).toEqual({ status: 'healthy' })
    server.kill(signal)
    expect(await server.exited).toBe(0)
  },
)

test('dev serves and ends with the signal', async () => {
  const server = plinth(['dev'], { PORT: '0' })
  const address = await addressOf(server)
  expect((await fetch(`${address}/health`)).status).toBe(200)
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
})

test('a reader that goes away ends nothing in a fault', async () => {
  const shell = Bun.spawn(['sh', '-c', 'node bin/plinth.js openapi | head -c 1'], {
    cwd: home,
    stdout: 'pipe',
    stderr: 'pipe',
  })
  expect(await shell.stdout.text()).toBe('{')
  expect(await shell.stderr.text()).toBe('')
})
