import { expect, test } from 'bun:test'
import { z } from 'zod'
import { problemKinds } from '#kit/core'
import { toInputSchema } from '#kit/model'
import { defineRoute } from './define-route.ts'
import { Note } from './fixture/note-tools.ts'
import { idParam, listQuery } from './list-query.ts'
import { message, pageOf } from './results.ts'

const base = { name: 'x.y', summary: 'x', method: 'POST', path: '/api/x/:id' } as const

test('a route is frozen data that knows where it stands', () => {
  const route = defineRoute({
    ...base,
    access: 'user',
    result: Note,
    problems: ['not_found', { code: 'own', status: 403, title: 'Own' }],
    handle: ({ db, params }) => db(Note).get(Number(params.id)),
  })
  expect(Object.isFrozen(route)).toBe(true)
  expect(route.source.file).toEndWith('kit/http/define-route.test.ts')
  expect(route.problems.map(({ code }) => code)).toEqual(['not_found', 'own'])
  expect(route.problems[0]).toBe(problemKinds.not_found)
  expect([route.status, route.isAllowedOnHold]).toEqual([200, false])
})

test('everyone and system are there only where they are declared', () => {
  defineRoute({
    ...base,
    access: 'admin',
    result: message('x'),
    handle: ({ everyone, actor }) => [everyone(Note), actor.id.length],
  })
  defineRoute({
    ...base,
    access: 'anyone',
    system: 'the test says so',
    result: message('x'),
    handle: ({ system }) => system(Note),
  })
  defineRoute({
    ...base,
    access: 'staff',
    result: message('x'),
    // @ts-expect-error not for an admin
    handle: ({ everyone }) => everyone,
  })
  defineRoute({
    ...base,
    access: 'admin',
    result: message('x'),
    // @ts-expect-error no reason is given
    handle: ({ system }) => system,
  })
  defineRoute({
    ...base,
    access: 'user',
    result: message('x'),
    // @ts-expect-error no reason is given, in prepare neither
    prepare: ({ system }) => system,
    handle: () => undefined,
  })
  defineRoute({
    ...base,
    access: 'anyone',
    result: message('x'),
    // @ts-expect-error nobody may be signed in
    handle: ({ actor }) => actor.id.length,
  })
  expect.assertions(0)
})

test('access is required, and an owner is none of a route', () => {
  // @ts-expect-error no access
  defineRoute({ ...base, result: message('x'), handle: () => undefined })
  // @ts-expect-error rows have owners, routes do not
  defineRoute({ ...base, access: 'owner', result: message('x'), handle: () => undefined })
  expect.assertions(0)
})

test('parameters, query, body and what is prepared have the types of their schemas', () => {
  defineRoute({
    ...base,
    access: 'user',
    self: 'id',
    params: { id: idParam(Note) },
    query: { deep: z.string().optional() },
    body: toInputSchema(Note),
    result: Note,
    prepare: () => 5,
    handle: ({ params, query, body, prepared, db }) => {
      const types: [number, string | undefined, string, number] = [
        params.id,
        query.deep,
        body.title,
        prepared,
      ]
      // @ts-expect-error the path has no such parameter
      types.push(params.other)
      return db(Note).get(types[0])
    },
  })
  defineRoute({
    ...base,
    access: 'user',
    // @ts-expect-error the path has no such parameter
    self: 'other',
    result: message('x'),
    // @ts-expect-error there is no body
    handle: ({ body }) => body.title,
  })
  expect.assertions(0)
})

test('a handler returns what the result shows', () => {
  const route = { ...base, access: 'user' } as const
  defineRoute({
    ...route,
    result: pageOf(Note),
    query: listQuery(Note).query,
    handle: ({ db, query }) => db(Note).list(listQuery(Note).toOptions(query)),
  })
  // @ts-expect-error a page is no row
  defineRoute({ ...route, result: Note, handle: ({ db }) => db(Note).list() })
  // @ts-expect-error a row is no page
  defineRoute({ ...route, result: pageOf(Note), handle: ({ db }) => db(Note).get(1) })
  // @ts-expect-error not what the schema takes
  defineRoute({ ...route, result: z.object({ n: z.int() }), handle: () => ({ n: 'x' }) })
  expect.assertions(0)
})
