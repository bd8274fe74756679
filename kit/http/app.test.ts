import { describe, expect, test } from 'bun:test'
import { createLog } from '#kit/core'
import { eachDialect, fakeClock } from '#kit/testing'
import { gate } from './fixture/note-tools.ts'
import { models, type OpenHttpOptions, openHttp } from './fixture/open-http.ts'

eachDialect('http app', (dialect) => {
  const open = async (options: Partial<OpenHttpOptions> = {}) => {
    const clock = fakeClock()
    return openHttp(await dialect.open(models, { nowMs: clock.nowMs }), { clock, ...options })
  }

  describe('problems', () => {
    test('have all members of RFC 9457 and ours', async () => {
      const { send } = await open()
      const headers = { 'x-request-id': 'mine-1' }
      const { status, text, headers: got } = await send('GET /nowhere', { headers })
      expect([status, got.get('content-type')]).toEqual([404, 'application/problem+json'])
      expect(JSON.parse(text)).toEqual({
        type: 'urn:plinth:problem:not_found',
        title: 'Not found',
        status: 404,
        code: 'not_found',
        detail: 'There is nothing at this path.',
        error: 'There is nothing at this path.',
        request_id: 'mine-1',
      })
    })

    test('of unknown origin tell nothing; the log has the rest; nothing is written', async () => {
      const lines: string[] = []
      const { send } = await open({ log: createLog('info', { write: (line) => lines.push(line) }) })
      const sent = { as: 'ada', body: { title: 'x' }, headers: { 'x-request-id': 'r-7' } }
      const { status, text, body } = await send('POST /api/me/notes/fail', sent)
      expect([status, body.code]).toEqual([500, 'internal'])
      expect(text).not.toMatch(/SELECT|TypeError|kit\/|secret/)
      expect(lines).toHaveLength(1)
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({
        request_id: 'r-7',
        err: { message: 'SELECT inner FROM secrets' },
      })
      expect((await send('GET /api/me/notes', { as: 'ada' })).text).toBe('[]')
    })

    test('keep their cause to themselves', async () => {
      const { send } = await open()
      const { status, text, body } = await send('GET /api/down')
      expect([status, body.code, body.detail]).toEqual([503, 'unavailable', 'Come back later.'])
      expect(text).not.toContain('secret')
    })

    test('a time over ends a request, whatever it waits for', async () => {
      const { send, context, app } = await open({ timeLimitMs: 1 })
      const late = await send('POST /api/me/notes/import', { as: 'ada', body: { title: 'late' } })
      expect([late.status, late.body.code]).toEqual([503, 'unavailable'])
      context.use(gate).opened.resolve()
      app.close()
    })
  })

  describe('methods', () => {
    test('a path with other methods says which', async () => {
      const { send } = await open()
      const wrong = await send('PATCH /api/me/notes', { as: 'ada' })
      expect([wrong.status, wrong.body.code]).toEqual([405, 'method_not_allowed'])
      expect(wrong.headers.get('allow')).toBe('GET, HEAD, POST')
      const one = await send('POST /api/me/notes/1')
      expect([one.status, one.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT, DELETE'])
      expect((await send('HEAD /api/me/notes/fail', { as: 'ada' })).status).toBe(404)
    })

    test('HEAD answers as GET, without the body', async () => {
      const { send } = await open()
      const get = await send('GET /health')
      const head = await send('HEAD /health')
      expect([head.status, head.text]).toEqual([200, ''])
      expect(head.headers.get('content-length')).toBe(String(get.text.length))
      expect((await send('HEAD /nowhere')).status).toBe(404)
      expect((await send('HEAD /api/me/notes')).status).toBe(401)
    })

    test('OPTIONS says what there is', async () => {
      const { send } = await open()
      const { status, headers, text } = await send('OPTIONS /api/me/notes')
      expect([status, headers.get('allow'), text]).toEqual([204, 'GET, HEAD, POST', ''])
      expect(headers.get('access-control-allow-methods')).toBeNull()
      expect((await send('OPTIONS /nowhere')).status).toBe(404)
    })

    test('a slash too many is another path', async () => {
      const { send } = await open()
      expect((await send('GET /health/')).status).toBe(404)
      expect((await send('GET //health')).status).toBe(404)
    })
  })

  test('a schema is the list of what may leave', async () => {
    const { send } = await open()
    const { status, body, text } = await send<Record<string, unknown>>('GET /api/auth/me', {
      as: 'ada',
    })
    expect([status, Object.keys(body)]).toEqual([200, ['user', 'address']])
    expect(text).not.toContain('secret')
  })

  test('the address is that of the peer; behind trusted proxies, what the outermost of them saw', async () => {
    const forwarded = { 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.0.0.1' }
    const addressWith = async (trustProxy: number, headers: Record<string, string>) => {
      const { send } = await open({ config: { trustProxy } })
      const { body } = await send<{ address: string }>('GET /api/auth/me', { as: 'ada', headers })
      return body.address
    }
    expect(await addressWith(0, forwarded)).toBe('10.0.0.9')
    expect(await addressWith(2, forwarded)).toBe('203.0.113.7')
    expect(await addressWith(1, {})).toBe('10.0.0.9')
  })

  describe('headers of every response', () => {
    const lines = [
      'GET /health',
      'GET /nowhere',
      'GET /api/me/notes',
      'OPTIONS /health',
      'GET /docs',
    ]

    test('security headers, and HSTS in production', async () => {
      const { send } = await open()
      const production = await open({ config: { env: 'production', docs: true } })
      for (const line of lines) {
        const { headers } = await send(line)
        expect(headers.get('x-content-type-options')).toBe('nosniff')
        expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
        expect(headers.get('referrer-policy')).toBe('no-referrer')
        expect(headers.get('vary')).toContain('Origin')
        expect(headers.get('x-powered-by')).toBeNull()
        expect(headers.get('strict-transport-security')).toBeNull()
        const hsts = (await production.send(line)).headers.get('strict-transport-security')
        expect(hsts).toContain('max-age=')
      }
    })

    test('a request id: the given one if it is sane, else a new one', async () => {
      const { send } = await open()
      const idFor = async (given?: string) => {
        const headers: Record<string, string> = given === undefined ? {} : { 'x-request-id': given }
        return (await send('GET /health', { headers })).headers.get('x-request-id') ?? ''
      }
      expect(await idFor('trace-1.2:3_4')).toBe('trace-1.2:3_4')
      expect(await idFor('x'.repeat(128))).toBe('x'.repeat(128))
      for (const insane of ['a b', '<script>', 'x'.repeat(129), '"', 'é'])
        expect(await idFor(insane)).toMatch(/^[0-9a-f-]{36}$/)
      expect(await idFor()).not.toBe(await idFor())
    })

    test('nothing under /api/auth may be stored, neither answers nor problems', async () => {
      const { send } = await open()
      for (const line of ['GET /api/auth/me', 'GET /api/auth/none', 'GET /api/auth'])
        expect((await send(line)).headers.get('cache-control')).toBe('no-store')
      for (const line of ['GET /api/authors', 'GET /health'])
        expect((await send(line)).headers.get('cache-control')).toBeNull()
    })

    test('they belong to their response alone', async () => {
      const { send } = await open()
      const headers = { origin: 'http://localhost:3000', 'x-request-id': 'first' }
      await send('GET /health', { headers })
      const { headers: later } = await send('GET /health')
      expect(later.get('access-control-allow-origin')).toBeNull()
      expect(later.get('x-request-id')).not.toBe('first')
    })
  })

  describe('other origins', () => {
    const origin = 'http://localhost:3000'

    test('an allowed one may read, with credentials', async () => {
      const { send } = await open()
      for (const line of ['GET /health', 'GET /nowhere', 'GET /api/me/notes']) {
        const { headers } = await send(line, { headers: { origin } })
        expect(headers.get('access-control-allow-origin')).toBe(origin)
        expect(headers.get('access-control-allow-credentials')).toBe('true')
        expect(headers.get('access-control-expose-headers')).toBe(
          'link, etag, x-total-count, x-request-id, retry-after, idempotency-replayed, location',
        )
      }
    })

    test('a stranger gets nothing', async () => {
      const { send } = await open()
      for (const stranger of ['http://evil.test', 'null', `${origin}.evil.test`, `${origin}/`]) {
        const { headers } = await send('GET /health', { headers: { origin: stranger } })
        expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      }
    })

    test('a pre-flight is answered for an allowed one', async () => {
      const { send } = await open()
      const ask = (from: string) =>
        send('OPTIONS /api/me/notes', {
          headers: { origin: from, 'access-control-request-method': 'POST' },
        })
      const { status, headers } = await ask(origin)
      expect([status, headers.get('access-control-allow-origin')]).toEqual([204, origin])
      expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST')
      expect(headers.get('access-control-allow-headers')).toBe(
        'authorization, content-type, if-match, if-none-match, idempotency-key, x-request-id',
      )
      expect((await ask('http://evil.test')).headers.get('access-control-allow-origin')).toBeNull()
    })
  })

  describe('public routes', () => {
    test('say what and how it is', async () => {
      const { send } = await open()
      expect((await send('GET /')).text).toBe(
        '{"name":"notebook","version":"1.2.3","docs":"/docs","openapi":"/openapi.json","health":"/health"}',
      )
      for (const path of ['/health', '/api/health', '/healthz', '/readyz']) {
        const { status, text } = await send(`GET ${path}`)
        expect([path, status, text]).toEqual([path, 200, '{"status":"healthy"}'])
      }
    })

    test('readyz is unavailable while the app is not ready', async () => {
      const { Problem } = await import('#kit/core')
      const isReady = () => Promise.reject(new Problem('unavailable', 'Not yet.'))
      const { send } = await open({ isReady })
      expect((await send('GET /readyz')).status).toBe(503)
      expect((await send('GET /healthz')).status).toBe(200)
    })
  })

  test('one line a request at debug', async () => {
    const lines: string[] = []
    const { send } = await open({ log: createLog('debug', { write: (line) => lines.push(line) }) })
    await send('GET /health?q=1')
    await send('GET /api/me/notes?q=private', { as: 'ada' })
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { method: 'GET', path: '/health', status: 422 },
      { method: 'GET', path: '/api/me/notes', status: 200 },
    ])
    expect(lines.join('')).not.toContain('private')
  })
})
