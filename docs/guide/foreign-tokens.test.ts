import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { eachDialect } from '#kit/testing'
import { quickServer, type ServerProcess, startServer } from '../../test/server-process.ts'

const path = process.env['PATH'] ?? ''

function run(script: string, environment: Readonly<Record<string, string>>) {
  return Bun.spawn([process.execPath, '--no-install', join(import.meta.dir, script)], {
    env: { PATH: path, ...environment },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
}

eachDialect('the page on foreign tokens', (dialect) => {
  let issuer: ReturnType<typeof run>
  let issuerUrl: string
  let server: ServerProcess | undefined
  let serverUrl: string
  beforeAll(async () => {
    issuer = run('better-auth-server.ts', { PORT: '0' })
    issuerUrl = (await firstLine(issuer.stdout)).trim()
    const { config } = await dialect.create()
    server = await startServer(
      {
        DATABASE_URL: config.dialect === 'postgres' ? config.url : `sqlite:///${config.file}`,
        HOST: '127.0.0.1',
        PORT: '0',
        PLINTH_ENV: 'test',
        JWT_SECRET_KEY: 'a secret beside another issuer, long enough',
        AUTH_ISSUER: issuerUrl,
        AUTH_JWKS_URL: `${issuerUrl}/api/auth/jwks`,
        AUTH_AUDIENCE: issuerUrl,
      },
      { words: quickServer },
    )
    serverUrl = server.url
  }, 60_000)
  afterAll(async () => {
    // First, and whether or not the server started: nothing else ends it.
    issuer.kill()
    await issuer.exited
    await server?.end('SIGTERM')
  })

  test('a client of Better Auth signs up there and keeps tasks here', async () => {
    const client = run('better-auth-tasks.ts', { AUTH_URL: issuerUrl, PLINTH_URL: serverUrl })
    const [out, err] = await Promise.all([client.stdout.text(), client.stderr.text()])
    expect([await client.exited, err]).toEqual([0, ''])
    expect(out).toBe('x Buy milk\n- Write home\nAda <ada@example.com>, user\n')
  }, 60_000)
})

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString()
    if (text.includes('\n')) break
  }
  return text
}
