import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { App } from '#kit/tool'
import { type TestApp, type TestAppOptions, testApp } from '../test-app.ts'
import { type ContractContext, casesOf, headersOf, type Samples } from './contract-case.ts'
import { createExpectSound, expectProblem } from './expect-sound.ts'
import { testAccess, testAddress, testBody, testMethods } from './refusals.ts'
import { testSuccess } from './successes.ts'

export interface ContractOptions extends TestAppOptions {
  /** What the declarations do not say: by the name of the route. */
  readonly samples?: Samples
}

/**
 * Tests what holds for every route of every tool, since routes are data: who is refused, which paths, queries and
 * bodies are, that every answer has its form, that nothing internal leaves. A new route is under contract at once;
 * one whose success cannot be derived from its declaration needs an entry in `samples`.
 */
export function contract(app: App, { samples = {}, ...options }: ContractOptions = {}): void {
  const cases = casesOf(app)
  let context: ContractContext | undefined
  const get = (): ContractContext => {
    if (!context) throw new Error('The contract tests have not begun.')
    return context
  }
  beforeAll(async () => {
    context = createContext(await testApp(app, options), { cases, samples })
  })
  afterAll(() => context?.app.close())

  test('samples are for routes that exist', () => {
    const names = new Set(cases.map(({ route }) => route.name))
    expect(Object.keys(samples).filter((name) => !names.has(name))).toEqual([])
  })
  for (const tested of cases)
    describe(`${tested.route.method} ${tested.route.path}`, () => {
      testAccess(tested, get)
      testAddress(tested, get)
      testBody(tested, get)
      testMethods(tested, get)
      testSuccess(tested, get)
    })
  testElsewhere(get)
}

function createContext(
  app: TestApp,
  { cases, samples }: Pick<ContractContext, 'cases' | 'samples'>,
): ContractContext {
  const expectSound = createExpectSound(app)
  return {
    app,
    cases,
    samples,
    send: async (sent, { who = null, path, body, headers = {} }) => {
      const { route } = sent
      const address = path ?? route.path.replace(`:${route.self}`, 'me').replace(/:\w+/g, '1')
      const all = { ...headersOf(sent), ...headers }
      const answer = await app.request(who, `${route.method} ${address}`, body, all)
      expectSound(answer, sent)
      return answer
    },
  }
}

function testElsewhere(context: () => ContractContext): void {
  describe('elsewhere', () => {
    test('at a path that is not there: 404', async () => {
      const { request } = context().app
      for (const path of [
        '/api/nonsense',
        '/api',
        '/%00',
        '/..%2f..%2fetc/passwd',
        '//',
        '/API/AUTH/ME',
      ]) {
        const answer = await request(null, `GET ${path}`)
        expect([path, answer.status]).toEqual([path, 404])
        expectProblem(answer)
      }
    })

    test('a sane request id is echoed, another is replaced', async () => {
      const { request } = context().app
      const ask = async (id: string) =>
        (await request(null, 'GET /health', undefined, { 'x-request-id': id })).headers.get(
          'x-request-id',
        )
      expect(await ask('abc-123')).toBe('abc-123')
      for (const id of ['a b', '<script>', 'x'.repeat(1000)]) expect(await ask(id)).not.toBe(id)
    })

    test('no strange origin is let in, with or without credentials', async () => {
      const { app, cases } = context()
      for (const { route } of cases) {
        const headers = {
          origin: 'https://evil.example',
          'access-control-request-method': route.method,
        }
        const answer = await app.request(null, `OPTIONS ${route.path}`, undefined, headers)
        expect(answer.headers.get('access-control-allow-origin')).toBeNull()
        expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
      }
    })

    test('the documents say every route', async () => {
      const { app, cases } = context()
      const { body } = await app.request<{ paths: Record<string, object> }>(
        null,
        'GET /openapi.json',
      )
      const missing = cases.filter(({ route }) => {
        const methods = body.paths[route.path.replace(/:(\w+)/g, '{$1}')] ?? {}
        return !(route.method.toLowerCase() in methods)
      })
      expect(missing.map(({ route }) => route.name)).toEqual([])
    })
  })
}
