import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { toInputSchema } from '#kit/model'
import { checkRoutes } from './check-routes.ts'
import { createRoute, type RouteDeclaration } from './define-route.ts'
import { Note, Person, Place, tools } from './fixture/note-tools.ts'
import { message } from './results.ts'

let line = 0

/** A route without fault, but for what is said. */
function route(spec: Partial<RouteDeclaration>) {
  line += 1
  return createRoute(
    {
      name: `test.${line}`,
      summary: 'x',
      access: 'user',
      method: 'GET',
      path: '/api/x',
      result: message('x'),
      handle: () => undefined,
      ...spec,
    },
    { file: 'routes.ts', line },
  )
}

function messages(...specs: readonly Partial<RouteDeclaration>[]): string[] {
  const models = [Note, Person, Place]
  return checkRoutes([{ routes: specs.map(route), models }]).map((fault) => fault.message)
}

describe('route checks', () => {
  test('sound routes have no fault', () => {
    expect(checkRoutes(tools)).toEqual([])
    expect(
      messages(
        { path: '/api/x/new' },
        { path: '/api/x/:id' },
        { path: '/api/x/:id', method: 'DELETE' },
        { path: '/api/:a/y' },
        { path: '/api/z/:b/c' },
      ),
    ).toEqual([])
  })

  test('all faults come at once, each with its place', () => {
    line = 0
    const broken = [
      route({}),
      route({ path: '/api/api/y', method: 'GET', body: z.object({}) }),
      route({ access: 'anyone', result: Note }),
    ]
    const faults = checkRoutes([{ routes: broken.slice(0, 1) }, { routes: broken.slice(1) }])
    expect(faults.map(({ source }) => source.line).sort()).toEqual([2, 2, 3, 3])
  })

  test('one method and path twice, whatever its parameters are called', () => {
    expect(messages({ path: '/api/x/:id' }, { path: '/api/x/:name' })).toEqual([
      expect.stringMatching(/declared twice: GET \/api\/x\/:id at routes\.ts:\d+/),
    ])
  })

  test('one that is never reached, for another before it takes its paths', () => {
    expect(messages({ path: '/api/:user/x' }, { path: '/api/admin/x' })).toEqual([
      expect.stringContaining('never reached'),
    ])
    expect(messages({ path: '/api/admin/x' }, { path: '/api/:user/x' })).toEqual([])
    expect(messages({ path: '/:a/:b' }, { path: '/api/:b', method: 'POST' })).toEqual([])
  })

  test('a name twice', () => {
    expect(messages({ name: 'a', path: '/a' }, { name: 'a', path: '/b' })).toEqual([
      expect.stringContaining('The name a is taken by GET /a'),
    ])
  })

  test('a prefix put before it twice', () => {
    for (const path of ['/api/api/x', '/api/tasks/tasks', '/api/x/:id/:id'])
      expect(messages({ path })).toHaveLength(1)
  })

  test('a path of the kit', () => {
    for (const path of ['/', '/health', '/openapi.json', '/docs'])
      expect(messages({ path })).toEqual([expect.stringContaining('the kit itself')])
  })

  test('access wider than reading the model allows: of the answer, of the entity', () => {
    expect(messages({ access: 'anyone', result: Note })).toEqual([
      expect.stringContaining('reading note'),
    ])
    expect(messages({ access: 'anyone', entity: Note })).toHaveLength(1)
    expect(messages({ access: 'anyone', result: Place })).toEqual([])
    expect(messages({ access: 'staff', result: Note })).toEqual([])
  })

  test('access wider than writing the model allows: of the entity, of the body', () => {
    const post = { method: 'POST', access: 'anyone' } as const
    expect(messages({ ...post, entity: Place })).toEqual([expect.stringContaining('writing place')])
    expect(messages({ ...post, body: toInputSchema(Place) })).toHaveLength(1)
    expect(messages({ ...post, access: 'user', body: toInputSchema(Place) })).toEqual([])
  })

  test('parameters that the path does not have', () => {
    expect(messages({ params: { id: z.string() } })).toEqual([
      expect.stringContaining('no parameter ":id"'),
    ])
    expect(messages({ self: 'user_id' })).toHaveLength(1)
  })

  test('a self for whom nobody is known, a GET with a body', () => {
    expect(messages({ path: '/api/:me/x', self: 'me', access: 'anyone' })).toEqual([
      expect.stringContaining('signed in'),
    ])
    expect(messages({ body: z.object({}) })).toEqual([expect.stringContaining('no body')])
  })
})
