import { describe, expect, test } from 'bun:test'
import { createIds, parseConfig, systemClock } from '#kit/core'
import { type Answer, toExchange } from './exchange.ts'
import { createRespond } from './respond.ts'

const parsed = parseConfig({ PLINTH_ENV: 'test', CORS_ORIGINS: 'https://shop.example' })
if (!parsed.ok) throw new Error('The configuration does not fit.')
const respond = createRespond({ ...parsed.value, secret: 'x'.repeat(32) } as never)

function answerTo(init: RequestInit = {}, given: Partial<Answer> = {}, path = '/api/items') {
  const request = new Request(`http://localhost${path}`, init)
  const exchange = toExchange(request, createIds(systemClock), undefined)
  return respond(exchange, { status: 200, type: 'application/json', body: '{}', ...given })
}

describe('the headers of a response', () => {
  const plain = [...answerTo().headers.keys()].sort()

  test('are its own: none of them is in the next one', () => {
    const first = answerTo({}, { status: 201, headers: { etag: '"a"', location: '/api/items/1' } })
    expect(first.headers.get('etag')).toBe('"a"')
    expect(first.headers.get('location')).toBe('/api/items/1')
    const second = answerTo()
    expect([...second.headers.keys()].sort()).toEqual(plain)
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
    expect(first.headers.get('location')).toBe('/api/items/1')
  })

  test('for one origin are not those for another, nor for none', () => {
    const allowed = answerTo({ headers: { origin: 'https://shop.example' } })
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    const stranger = answerTo({ headers: { origin: 'https://evil.example' } })
    expect(stranger.headers.has('access-control-allow-origin')).toBe(false)
    expect([...answerTo().headers.keys()].sort()).toEqual(plain)
  })

  test('that every response has may be replaced in one, whatever their spelling', () => {
    const given = { 'Content-Security-Policy': "default-src 'self'", vary: 'Cookie' }
    const replaced = answerTo({}, { headers: given })
    expect(replaced.headers.get('content-security-policy')).toBe("default-src 'self'")
    expect(replaced.headers.get('vary')).toBe('Cookie')
    const next = answerTo()
    expect(next.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(next.headers.get('vary')).toContain('Origin')
  })

  test('under /api/auth say that nobody may store it; elsewhere they do not', () => {
    const unstored = answerTo({}, { headers: { etag: '"a"' } }, '/api/auth/me')
    expect(unstored.headers.get('cache-control')).toBe('no-store')
    expect(answerTo({}, {}, '/api/auth/me').headers.has('etag')).toBe(false)
    expect(answerTo().headers.has('cache-control')).toBe(false)
  })

  test('answer HEAD with the length of what GET would send', () => {
    const head = answerTo({ method: 'HEAD' }, { body: '{"é":1}' })
    expect(head.headers.get('content-length')).toBe('8')
    expect(head.body).toBeNull()
    expect([...answerTo().headers.keys()].sort()).toEqual(plain)
  })
})
