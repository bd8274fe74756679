import { afterAll, beforeAll, expect, test } from 'bun:test'
import { exportJWK, generateKeyPair, type JSONWebKeySet } from 'jose'
import { fetchKeys, KeysUnavailable } from './fetch-keys.ts'

const hits: string[] = []
let url = ''
let keys: JSONWebKeySet
let server: ReturnType<typeof Bun.serve>

/** Sends bytes for ever, each time the reader takes some. */
function endless(bytes: Uint8Array): Response {
  return new Response(new ReadableStream({ pull: (stream) => stream.enqueue(bytes) }))
}

const answers: Readonly<Record<string, () => Response | Promise<Response>>> = {
  '/keys': () => Response.json(keys),
  '/down': () => new Response('no', { status: 503 }),
  '/moved': () => new Response(null, { status: 302, headers: { location: '/keys' } }),
  '/elsewhere': () =>
    new Response(null, { status: 307, headers: { location: 'http://169.254.169.254/keys' } }),
  '/empty': () => new Response(''),
  '/html': () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
  '/list': () => Response.json([{ kty: 'OKP' }]),
  '/numbers': () => Response.json({ keys: [1, 2] }),
  '/many': () => Response.json({ keys: Array.from({ length: 101 }, () => ({ kty: 'OKP' })) }),
  '/huge': () => endless(new Uint8Array(65_536).fill(32)),
  '/bomb': () =>
    new Response(Bun.gzipSync(new Uint8Array(50_000_000)), {
      headers: { 'content-encoding': 'gzip' },
    }),
  '/silent': () => new Promise(() => {}),
  '/stalling': () =>
    new Response(
      new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('{')) }),
    ),
}

beforeAll(async () => {
  const { publicKey } = await generateKeyPair('EdDSA')
  keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'EdDSA' }] }
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    fetch: (request) => {
      const { pathname } = new URL(request.url)
      hits.push(pathname)
      return answers[pathname]?.() ?? new Response('', { status: 404 })
    },
  })
  url = `http://127.0.0.1:${server.port}`
})
afterAll(() => server.stop(true))

async function faultOf(path: string, timeoutMs?: number): Promise<string> {
  const error = await fetchKeys(`${url}${path}`, { timeoutMs }).catch((fault: unknown) => fault)
  return error instanceof KeysUnavailable ? error.message : `not refused: ${String(error)}`
}

test('the keys that are published', async () => {
  expect(await fetchKeys(`${url}/keys`)).toEqual(keys)
})

const refused: Readonly<Record<string, RegExp>> = {
  '/down': /answers 503/,
  '/nowhere': /answers 404/,
  '/empty': /no set of keys/,
  '/html': /no set of keys/,
  '/list': /no set of keys/,
  '/numbers': /no set of keys/,
  '/many': /more than 100 keys/,
  '/huge': /more than 262144 bytes/,
  '/bomb': /more than 262144 bytes/,
}
for (const [path, fault] of Object.entries(refused))
  test(`${path} is refused`, async () => expect(await faultOf(path)).toMatch(fault))

test('no redirection is followed, be it to the same server', async () => {
  hits.length = 0
  expect(await faultOf('/moved')).toMatch(/answers 302/)
  expect(await faultOf('/elsewhere')).toMatch(/answers 307/)
  expect(hits).toEqual(['/moved', '/elsewhere'])
})

for (const path of ['/silent', '/stalling'])
  test(`${path} is not waited for`, async () => {
    expect(await faultOf(path, 50)).toMatch(/more than 50 ms/)
  })

test('nobody there', async () => {
  const free = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const gone = `http://127.0.0.1:${free.port}/keys`
  await free.stop(true)
  await expect(fetchKeys(gone)).rejects.toThrow(/cannot be reached/)
})
