import { describe, expect, test } from 'bun:test'
import { defineStats } from '#kit/admin'
import { type AuthenticatorService, defineRoute, defineService } from '#kit/http'
import { defineModel, f } from '#kit/model'
import { checkApp, formatAppFault } from './check-app.ts'
import { createApp } from './create-app.ts'
import { defineTool, type ToolSpec } from './define-tool.ts'

const open = { read: 'anyone', write: 'anyone' } as const
const Shelf = defineModel('shelf', { table: 'shelves', access: open, fields: {} })
const Book = defineModel('book', { access: open, fields: { shelf_id: f.reference(Shelf) } })

const who: AuthenticatorService = defineService('who', () => ({
  authenticate: () => ({ actor: { id: '1', role: 'user' as const, sessionId: '1' } }),
}))

function helloRoute(name: string) {
  return defineRoute({
    name,
    summary: 'Say hello',
    access: 'user',
    method: 'GET',
    path: '/api/hello',
    result: Shelf,
    handle: ({ db }) => db(Shelf).get('1'),
  })
}
const hello = helloRoute('hello')

function faultsOf(...tools: Partial<ToolSpec>[]): string[] {
  const whole = tools.map((tool, at) =>
    defineTool({ name: `tool-${at}`, models: [], routes: [], migrations: '', ...tool }),
  )
  return checkApp(createApp({ name: 'x', version: '1.0.0', tools: whole })).map(formatAppFault)
}

test('an app without tools is sound', () => {
  expect(faultsOf()).toEqual([])
})

test('tools that know one another are sound', () => {
  expect(
    faultsOf({ models: [Book] }, { models: [Shelf], routes: [hello], authenticator: who }),
  ).toEqual([])
})

describe('names file, line and repair of', () => {
  const refused: Record<string, [Partial<ToolSpec>[], RegExp]> = {
    'two tools with one name': [
      [{ name: 'books' }, { name: 'books' }],
      /check-app\.test\.ts:\d+: Two tools have the name "books": here and at .*:\d+\. Rename/,
    ],
    'a tool with the name of the kit': [[{ name: 'plinth' }], /Two tools have the name "plinth"/],
    'two models with one table': [
      [{ models: [Shelf, defineModel('rack', { table: 'shelves', access: open, fields: {} })] }],
      /check-app\.test\.ts:\d+: Two models have the table "shelves"/,
    ],
    'two models with one name': [
      [{ models: [Shelf, defineModel('shelf', { table: 'racks', access: open, fields: {} })] }],
      /Two models have the name "shelf"/,
    ],
    'one model in two tools': [
      [{ models: [Shelf] }, { models: [Shelf] }],
      /The model shelf is in the tools tool-0 and tool-1/,
    ],
    'a model that is pointed at but in no tool': [
      [{ models: [Book] }],
      /check-app\.test\.ts:\d+: Model book: its field shelf_id refers to the model shelf, .*Add it/,
    ],
    'a model that is shown but in no tool': [
      [{ routes: [hello], authenticator: who }],
      /check-app\.test\.ts:\d+: Route hello: its model shelf is in no tool/,
    ],
    'a route for users where nobody is known': [
      [{ models: [Shelf], routes: [hello] }],
      /check-app\.test\.ts:\d+: Route hello \(.*\) is for user, but no tool knows who is who/,
    ],
    'two tools that know who is who': [
      [{ authenticator: who }, { authenticator: who }],
      /check-app\.test\.ts:\d+: The tools tool-0 and tool-1 both declare an authenticator/,
    ],
  }
  const openAdmin = defineRoute({
    name: 'shelf.purge',
    summary: 'Throw all away',
    access: 'user',
    method: 'GET',
    path: '/api/shelves/admin/purge',
    result: Shelf,
    handle: ({ db }) => db(Shelf).get('1'),
  })
  refused['a path for admins that lets in others'] = [
    [{ models: [Shelf], routes: [openAdmin], authenticator: who }],
    /check-app\.test\.ts:\d+: Route shelf\.purge: .* is a path for admins, but its access is "user"/,
  ]
  refused['stats of one name'] = [
    [
      { models: [Shelf], stats: [defineStats(Shelf, { total: {} })] },
      { stats: [defineStats(Shelf, { total: {}, empty: {} })] },
    ],
    /check-app\.test\.ts:\d+: Two stats have the name "total"/,
  ]
  for (const [name, [tools, message]] of Object.entries(refused))
    test(name, () => {
      const faults = faultsOf(...tools)
      expect(faults).toHaveLength(1)
      expect(faults[0]).toMatch(message)
    })
})

test('all faults come at once, those of the routes too', () => {
  const routes = [hello, helloRoute('hello.again')]
  const faults = faultsOf({ name: 'a', models: [Book] }, { name: 'a', routes })
  expect(faults).toHaveLength(6)
  expect(faults.filter((fault) => /Is declared twice/.test(fault))).toHaveLength(1)
})
