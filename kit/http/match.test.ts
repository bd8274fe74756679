import { describe, expect, test } from 'bun:test'
import { compileMatch } from './match.ts'

const match = compileMatch(
  [
    'GET /',
    'GET /health',
    'GET /api/:user_id/tasks',
    'POST /api/:user_id/tasks',
    'GET /api/:user_id/tasks/:id',
    'PATCH /api/:user_id/tasks/:id/complete',
    'GET /api/items/:id',
    'GET /api/items/search',
    'GET /api/admin/items',
  ].map((place) => {
    const [method = '', path = ''] = place.split(' ')
    return { method, path, target: place }
  }),
)

describe('matching', () => {
  const cases: readonly (readonly [string, string, string | undefined, object?])[] = [
    ['GET', '/', 'GET /', {}],
    ['GET', '/health', 'GET /health', {}],
    ['GET', '/api/u1/tasks', 'GET /api/:user_id/tasks', { user_id: 'u1' }],
    ['POST', '/api/u1/tasks', 'POST /api/:user_id/tasks', { user_id: 'u1' }],
    ['GET', '/api/u1/tasks/7', 'GET /api/:user_id/tasks/:id', { user_id: 'u1', id: '7' }],
    ['GET', '/api/a%20b/tasks', 'GET /api/:user_id/tasks', { user_id: 'a%20b' }],
    ['GET', '/api/admin/tasks', 'GET /api/:user_id/tasks', { user_id: 'admin' }],
    ['GET', '/api/items/search', 'GET /api/items/search', {}],
    ['GET', '/api/items/searches', 'GET /api/items/:id', { id: 'searches' }],
    ['GET', '/api/items/__proto__', 'GET /api/items/:id', { id: '__proto__' }],
    ['GET', '/api/__proto__/tasks', 'GET /api/:user_id/tasks', { user_id: '__proto__' }],
    ['GET', '/health/', undefined],
    ['GET', '//health', undefined],
    ['GET', '/api//tasks', undefined],
    ['GET', '/api/u1/tasks/', undefined],
    ['GET', '/api/u1/tasks/7/', undefined],
    ['GET', '/constructor', undefined],
    ['GET', '/Health', undefined],
    ['DELETE', '/health', undefined],
    ['PATCH', '/api/u1/tasks/7', undefined],
    ['toString', '/health', undefined],
    ['__proto__', '/health', undefined],
  ]
  test.each(cases)('%s %s', (...[method, path, target, raw]) => {
    const found = match(method, path)
    expect(found?.target).toBe(target as string)
    if (raw) expect(found?.raw as object).toEqual(raw)
  })
})
