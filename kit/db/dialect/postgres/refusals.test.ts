import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, Problem, parseConfig } from '#kit/core'
import { onDialect, type PostgresServer, startPostgres } from '#kit/testing'
import { openDatabase } from '../../open-database.ts'

const log = createLog('silent')

/** What a start with this DATABASE_URL says; `open` where it succeeds. */
async function say(url: string): Promise<string> {
  const parsed = parseConfig({ DATABASE_URL: url })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  try {
    const database = await openDatabase(parsed.value.database, { log })
    const [row] = await database.reader.execute(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    )
    await database.close()
    return row?.['ssl'] ? 'open, in TLS' : 'open'
  } catch (error) {
    if (!(error instanceof Problem) || error.kind.code !== 'unavailable') throw error
    expect(error.detail).not.toContain('hunter2')
    expect(error.detail).not.toContain('\n')
    return error.detail
  }
}

const hasOpenssl = Bun.which('openssl') !== null

/** A certificate for `localhost`, signed by an authority of its own. */
function makeCertificates(): {
  readonly folder: string
  readonly read: (name: string) => Promise<string>
} {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-tls-'))
  const run = (...args: string[]) => {
    const done = Bun.spawnSync(['openssl', ...args], { cwd: folder })
    if (!done.success) throw new Error(done.stderr.toString())
  }
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2']
  run('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Test Authority')
  run(
    'req',
    ...key.slice(0, 3),
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=localhost',
  )
  run(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'server.crt',
    '-days',
    '2',
  )
  return { folder, read: (name) => Bun.file(join(folder, name)).text() }
}

onDialect('postgres', 'a start that the server refuses', () => {
  let server: Required<PostgresServer>
  let port: string
  let ca = ''
  const folders: string[] = []
  beforeAll(async () => {
    const certificates = hasOpenssl ? makeCertificates() : undefined
    if (certificates) {
      folders.push(certificates.folder)
      ca = join(certificates.folder, 'ca.crt')
    }
    server = await startPostgres({
      settings: `max_connections = 12\n${certificates ? "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n" : ''}`,
      files: certificates
        ? {
            'server.crt': await certificates.read('server.crt'),
            'server.key': await certificates.read('server.key'),
          }
        : {},
      access: `
hostssl all tls_only all trust
hostnossl all tls_only all reject
host all postgres all trust
host all all all scram-sha-256
`,
    })
    port = new URL(server.url).port
    const admin = await openDatabase(
      { dialect: 'postgres', url: `${server.url}/postgres`, tls: 'off', poolMin: 1, poolMax: 1 },
      { log },
    )
    await admin.exclusively(async (executor) => {
      await executor.execute("CREATE ROLE shop LOGIN PASSWORD 'hunter2 is right'")
      await executor.execute('CREATE ROLE tls_only LOGIN')
      await executor.execute('CREATE ROLE stranger LOGIN')
      await executor.execute('CREATE DATABASE closed')
      await executor.execute('REVOKE CONNECT ON DATABASE closed FROM PUBLIC')
      await executor.execute("ALTER ROLE stranger PASSWORD 'x'")
    })
    await admin.close()
  }, 30_000)
  afterAll(async () => {
    await server.own.stop()
    for (const folder of folders) rmSync(folder, { recursive: true })
  })
  const at = (user: string, rest: string) =>
    `postgresql+asyncpg://${user}@127.0.0.1:${port}/${rest}`

  test('not at all', async () => {
    expect(await say(at('shop:hunter2%20is%20right', 'postgres?ssl=disable'))).toBe('open')
  })

  test('for a wrong password, at once', async () => {
    expect(await say(at('shop:hunter2', 'postgres'))).toMatch(
      /refuses the password of "shop".*DATABASE_URL/,
    )
  })

  test('for a user who is not there', async () => {
    expect(await say(at('nobody_here:hunter2', 'postgres'))).toMatch(
      /refuses the password of "nobody_here"/,
    )
  })

  test('for a database that is not there', async () => {
    expect(await say(at('postgres', 'nowhere'))).toMatch(
      /no database "nowhere" on 127\.0\.0\.1.*plinth db init/,
    )
  })

  test('for a database that is closed to the user', async () => {
    expect(await say(at('stranger:x', 'closed'))).toMatch(
      /"stranger" may not connect to the database "closed"/,
    )
  })

  test('for a host that is not known', async () => {
    expect(await say('postgresql://u:hunter2@no-such-host.invalid/n?connect_timeout=1')).toMatch(
      /host "no-such-host.invalid" is not known.*DATABASE_URL/,
    )
  })

  test('for a port where nothing answers', async () => {
    expect(await say('postgresql://u:hunter2@127.0.0.1:1/n?connect_timeout=1')).toMatch(
      /Nothing answers at 127.0.0.1:1\. Start the PostgreSQL server/,
    )
  })

  test('for a server that accepts and says nothing', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    const { port: own } = silent.address() as { port: number }
    expect(await say(`postgresql://u:hunter2@127.0.0.1:${own}/n?connect_timeout=1`)).toMatch(
      /did not answer in time|ended the connection/,
    )
    silent.close()
  }, 10_000)

  test('for a server of another kind', async () => {
    const web = Bun.serve({ port: 0, fetch: () => new Response('hello') })
    expect(await say(`postgresql://u:hunter2@127.0.0.1:${web.port}/n?connect_timeout=1`)).toMatch(
      /See that it is a PostgreSQL server|refuses the connection/,
    )
    await web.stop(true)
  }, 10_000)

  test('for too many connections', async () => {
    const holders = await Promise.all(
      Array.from({ length: 9 }, () =>
        openDatabase(
          {
            dialect: 'postgres',
            url: `${server.url}/postgres`,
            tls: 'off',
            poolMin: 1,
            poolMax: 1,
          },
          { log },
        ),
      ),
    )
    expect(await say(at('shop:hunter2%20is%20right', 'postgres?connect_timeout=1'))).toMatch(
      /no connection left.*DATABASE_POOL_MAX/,
    )
    for (const holder of holders) await holder.close()
  }, 10_000)

  describe.skipIf(!hasOpenssl)('TLS', () => {
    const by = (host: string, mode: string) =>
      `postgresql://postgres@${host}:${port}/postgres?sslmode=${mode}`
    test('is used where the server has it', async () => {
      expect(await say(by('127.0.0.1', 'prefer'))).toBe('open, in TLS')
      expect(await say(by('127.0.0.1', 'require'))).toBe('open, in TLS')
      expect(await say(by('127.0.0.1', 'disable'))).toBe('open')
    })

    test('that the server asks for and we do not give', async () => {
      expect(await say(`postgresql://tls_only@127.0.0.1:${port}/postgres?sslmode=disable`)).toMatch(
        /sslmode=require/,
      )
      expect(await say(`postgresql://tls_only@127.0.0.1:${port}/postgres?ssl=require`)).toBe(
        'open, in TLS',
      )
    })

    test('verify-full refuses an authority that is not known', async () => {
      expect(await say(by('localhost', 'verify-full'))).toMatch(
        /certificate.*cannot be verified.*sslrootcert/,
      )
    })

    test('verify-full refuses a certificate of another host', async () => {
      expect(await say(`${by('127.0.0.1', 'verify-full')}&sslrootcert=${ca}`)).toMatch(
        /certificate.*cannot be verified/,
      )
    })

    test('verify-full takes the right certificate', async () => {
      expect(await say(`${by('localhost', 'verify-full')}&sslrootcert=${ca}`)).toBe('open, in TLS')
    })

    test('an authority that is not there is named', async () => {
      expect(await say(`${by('localhost', 'verify-full')}&sslrootcert=/no/such.pem`)).toMatch(
        /\/no\/such\.pem/,
      )
    })
  })
})

onDialect('postgres', 'a server without TLS', (dialect) => {
  test('is taken by prefer and refused by require', async () => {
    const { config } = await dialect.create()
    const url = config.dialect === 'postgres' ? config.url : ''
    expect(await say(`${url}?sslmode=prefer`)).toBe('open')
    expect(await say(`${url}?sslmode=require`)).toMatch(/knows no TLS.*sslmode=disable/)
    expect(await say(`${url}?sslmode=verify-full`)).toMatch(/knows no TLS/)
  })
})
