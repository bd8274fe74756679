import { expect, test } from 'bun:test'
import type { Answer } from '../request.ts'
import { type BodyFault, bodyFaults } from './body-faults.ts'
import { type ContractCase, type ContractContext, unknownPath, whoPasses } from './contract-case.ts'
import { forgedHeaders } from './forge-tokens.ts'
import { alternativesOf } from './json-schema.ts'
import { sampleOf } from './sample.ts'

type Context = () => ContractContext

interface ProblemBody {
  readonly code: string
  readonly errors?: readonly { readonly path: string }[]
}

function codeOf({ body }: Answer): string {
  return (body as ProblemBody).code
}

function pathsOf({ body }: Answer): string[] {
  return ((body as ProblemBody).errors ?? []).map(({ path }) => path)
}

/** Says what was sent where the answer is another than it had to be. */
function expectAnswer(
  answer: Answer,
  label: string,
  expected: readonly [status: number, code: string],
) {
  expect([label, answer.status, codeOf(answer)]).toEqual([label, ...expected])
}

/** Who may not. */
export function testAccess(tested: ContractCase, context: Context): void {
  const { route } = tested
  if (route.access === 'anyone') return
  test('without a token, or with one that is not good: 401', async () => {
    const { send, app } = context()
    expectAnswer(await send(tested, {}), 'no token', [401, 'unauthenticated'])
    const account = await app.as(route.access)
    const forged = forgedHeaders(account, app.config.secret, app.clock.nowMs())
    const details = new Set<unknown>()
    for (const [label, authorization] of Object.entries(forged)) {
      const answer = await send(tested, { headers: { authorization } })
      expectAnswer(answer, label, [401, 'unauthenticated'])
      details.add((answer.body as { detail: string }).detail)
    }
    expect(details.size).toBeGreaterThan(3)
  })
  const lower = { user: [], staff: ['user'], admin: ['user', 'staff'] }[route.access]
  for (const who of lower)
    test(`as ${who}: 403`, async () => {
      expectAnswer(await context().send(tested, { who }), who, [403, 'forbidden'])
    })
  const { self } = route
  if (self === undefined) return
  test('under the path of another: 403, whatever else is wrong', async () => {
    const path = route.path.replace(`:${self}`, '{other}').replace(/:\w+/g, 'nonsense')
    const answer = await context().send(tested, { who: 'user', path: `${path}?nonsense=1` })
    expectAnswer(answer, path, [403, 'forbidden'])
  })
}

/** Paths and queries that do not fit. */
export function testAddress(tested: ContractCase, context: Context): void {
  const { route, tool } = tested
  const who = whoPasses(route)
  const path = unknownPath(route)
  test('with query parameters that are unknown, repeated or of the wrong kind: invalid, each named', async () => {
    const { send } = context()
    const ask = (query: string) =>
      send(tested, { who, path: `${path}?${query}`, body: soundBody(tested) })
    const unknown = await ask('contract_a=1&contract_b=2')
    expectAnswer(unknown, 'unknown', [tool.invalid, 'invalid'])
    expect(pathsOf(unknown)).toEqual(expect.arrayContaining(['contract_a', 'contract_b']))
    for (const [name, value] of wrongQuery(route.query)) {
      const answer = await ask(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      expectAnswer(answer, `${name}=${value}`, [tool.invalid, 'invalid'])
      expect(pathsOf(answer)).toContain(name)
    }
    for (const name of Object.keys(route.query)) {
      const answer = await ask(`${name}=1&${name}=2`)
      expectAnswer(answer, `${name} twice`, [tool.invalid, 'invalid'])
    }
  })
  const named = route.path
    .split('/')
    .filter((part) => part.startsWith(':') && part !== `:${route.self}`)
  if (named.length === 0) return
  test('with an id that cannot be one: 404', async () => {
    for (const id of [
      'nonsense',
      '0',
      '-1',
      '1.5',
      '1e3',
      '9'.repeat(30),
      '%00',
      '%ff',
      '%F0%9F%98%80',
      'x'.repeat(3000),
    ]) {
      const strange = path.replace(/[^/]*(?:dead|999999999)[^/]*/, id)
      const answer = await context().send(tested, { who, path: strange, body: soundBody(tested) })
      expectAnswer(answer, id, [404, 'not_found'])
    }
  })
}

/** Values that a declared parameter must refuse, by what all lists promise and what its schema says. */
function wrongQuery(query: ContractCase['route']['query']): (readonly [string, string])[] {
  const candidates = [
    '',
    'contract nonsense',
    '0',
    '-1',
    '101',
    '1.5',
    '1e1',
    ' 5',
    '\0',
    'TRUE',
    '[]',
  ]
  const never: Readonly<Record<string, readonly string[]>> = {
    limit: ['0', '101', '-1', '1.5', '1e1', ' 5', '', 'nonsense'],
    cursor: ['nonsense', 'AAAA', '\0'],
    sort: ['nonsense', '', '--id', 'password_hash', 'id;drop'],
    count: ['1', 'TRUE', ''],
    q: ['\0'],
  }
  return Object.entries(query).flatMap(([name, schema]) =>
    (never[name] ?? candidates.filter((text) => !schema.safeParse(text).success)).map(
      (value) => [name, value] as const,
    ),
  )
}

function soundBody({ body }: ContractCase): unknown {
  return body && sampleOf(body)
}

/** Bodies that are none, or not what was declared. */
export function testBody(tested: ContractCase, context: Context): void {
  const { route, tool, body } = tested
  if (!body) return
  const who = whoPasses(route)
  const path = unknownPath(route)
  const send = (sent: unknown, headers = {}) =>
    context().send(tested, { who, path, body: sent, headers })

  test('with a body that is no JSON, not said to be, nested too deep or too large: refused', async () => {
    const sound = soundBody(tested)
    for (const type of [
      null,
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/jsonx',
      'application/json; charset=latin1',
    ])
      expectAnswer(await send(sound, { 'content-type': type }), String(type), [
        415,
        'unsupported_media_type',
      ])
    const isNeeded = !route.body?.safeParse(undefined).success
    if (isNeeded) expectAnswer(await send(''), 'no body', [400, 'malformed'])
    for (const text of ['{', '{"a":1,}', "{'a':1}", '{"a":1} x', 'NaN', '\ufeff'])
      expectAnswer(await send(text), text, [400, 'malformed'])
    const deep = `${'['.repeat(33)}${']'.repeat(33)}`
    expectAnswer(await send(deep), '33 levels', [400, 'malformed'])
    expectAnswer(await send('['.repeat(100_000)), '100,000 levels', [400, 'malformed'])
    const large = JSON.stringify({ text: 'x'.repeat(1024 * 1024) })
    expectAnswer(await send(large), 'too large', [413, 'too_large'])
  })

  test('with unknown keys: invalid, all of them named', async () => {
    const sound = soundBody(tested) as object
    const answer = await send({ ...sound, contract_a: 1, contract_b: { c: 2 } })
    expectAnswer(answer, 'unknown keys', [tool.invalid, 'invalid'])
    if (alternativesOf(body).length === 1)
      expect(pathsOf(answer)).toEqual(expect.arrayContaining(['contract_a', 'contract_b']))
    const polluted = JSON.stringify(sound).replace('{', '{"__proto__":{"role":"admin"},')
    expectAnswer(await send(polluted), '__proto__', [tool.invalid, 'invalid'])
    for (const [label, given] of unsettable(context(), tested))
      expectAnswer(await send({ ...sound, ...given }), label, [tool.invalid, 'invalid'])
  })

  test('with a wrong value of any field: invalid, its path named', async () => {
    const isUnion = alternativesOf(body).length > 1
    // What is wrong for one member of a union may be right for another.
    const isWrong = ({ body: wrong }: BodyFault) =>
      !isUnion || !route.body?.safeParse(wrong).success
    for (const { label, body: wrong, path: key } of bodyFaults(body).filter(isWrong)) {
      const answer = await send(JSON.stringify(wrong))
      expectAnswer(answer, label, [tool.invalid, 'invalid'])
      const keys = pathsOf(answer).map((named) => named.split('.')[0])
      expect(keys.length).toBeGreaterThan(0)
      if (key !== undefined && !isUnion)
        expect([label, keys]).toEqual([label, expect.arrayContaining([key])])
    }
  })
}

/** Fields of all models that no caller may set, one at a time. */
function unsettable({ app }: ContractContext, { body }: ContractCase): [string, object][] {
  const accepted = new Set(
    alternativesOf(body ?? {}).flatMap(({ properties }) => Object.keys(properties ?? {})),
  )
  const fields = app.app.models.flatMap((model) => Object.entries(model.fields))
  return fields
    .filter(([name, { spec }]) => !accepted.has(name) && /readonly|internal/.test(spec.exposure))
    .map(([name]) => [name, { [name]: 'x' }])
}

/** Methods that the path does not have. */
export function testMethods(tested: ContractCase, context: Context): void {
  test('with another method: 405 and those that work', async () => {
    const { app, cases } = context()
    const path = unknownPath(tested.route)
    const known = cases
      .filter(({ route }) => fits(route.path, path))
      .map(({ route }) => route.method as string)
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'].filter(
      (name) => !known.includes(name),
    )) {
      const answer = await app.request(null, `${method} ${path}`)
      expectAnswer(answer, method, [405, 'method_not_allowed'])
      const allowed = (answer.headers.get('allow') ?? '').split(', ')
      expect(allowed).toEqual(expect.arrayContaining(known))
      expect(allowed).not.toContain(method)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
}

/** Whether a path is one of the pattern's, a word standing for a parameter too. */
function fits(pattern: string, path: string): boolean {
  const parts = pattern.split('/')
  const words = path.split('/')
  return (
    parts.length === words.length &&
    parts.every((part, at) => part.startsWith(':') || part === words[at])
  )
}
