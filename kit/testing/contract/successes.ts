import { expect, test } from 'bun:test'
import type { Answer } from '../request.ts'
import { type ContractCase, type ContractContext, headersOf, unknownPath } from './contract-case.ts'
import { sampleOf } from './sample.ts'
import { sampleFileOf } from './sample-file.ts'

type Context = () => ContractContext

interface Prepared {
  readonly who: string | null
  readonly path: string
  readonly body: unknown
  readonly other: unknown
}

let count = 0

/** A new account that passes this route's door: what one request does to it harms no other. */
function newAccount({ route }: ContractCase): string | null {
  count += 1
  if (route.access === 'anyone') return null
  return `${route.access === 'staff' ? 'partner' : route.access}-contract-${count}`
}

/** All that a request of this route needs to succeed: rows are made through the collection's own routes. */
async function prepare(context: ContractContext, tested: ContractCase): Promise<Prepared> {
  const { app, samples } = context
  const { route } = tested
  const name = newAccount(tested)
  const account = name === null ? undefined : await app.as(name)
  const sample = await samples[route.name]?.(app, account)
  const who = sample?.who ?? name
  return {
    who,
    path: sample?.path ?? (await pathOf(context, tested, who)),
    body: sample && 'body' in sample ? sample.body : await bodyOf(context, tested),
    other: sample?.other,
  }
}

async function bodyOf(context: ContractContext, tested: ContractCase): Promise<unknown> {
  if (tested.route.form) return sampleFileOf(context, tested)
  return tested.body && sampleOf(tested.body)
}

async function pathOf(
  context: ContractContext,
  { route }: ContractCase,
  who: string | null,
): Promise<string> {
  const path = route.path.replace(`:${route.self}`, 'me')
  const [collection = '', rest] = path.split('/:id')
  if (rest === undefined) return path
  return `${collection}/${await rowOf(context, collection, who)}${rest}`
}

/** The id of a row of this collection: a new one where it can be made, else the first that is there. */
async function rowOf(
  { app, cases, samples }: ContractContext,
  collection: string,
  who: string | null,
): Promise<string> {
  const found = (method: string) =>
    cases.find(
      ({ route }) =>
        route.method === method && route.path.replace(`:${route.self}`, 'me') === collection,
    )
  const maker = found('POST')
  const account = who === null ? undefined : await app.as(who)
  const sample = maker && (await samples[maker.route.name]?.(app, account))
  const answer = maker
    ? await app.request(
        who,
        `POST ${collection}`,
        sample?.body ?? (maker.body && sampleOf(maker.body)),
      )
    : await app.request(who, `GET ${collection}`)
  const id = findId(answer.body)
  if (id === undefined) throw new Error(`No row in ${collection}: ${answer.status} ${answer.text}`)
  return id
}

/** The first `id` in a body, outermost first. */
function findId(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  if ('id' in body) return String(body.id)
  return Object.values(body)
    .map(findId)
    .find((id) => id !== undefined)
}

/** Everything the answer says is declared, and everything declared is there. */
function expectFits(answer: Answer, { route }: ContractCase): void {
  const parsed = route.result.schema.safeParse(answer.body)
  expect(parsed.success ? [] : parsed.error.issues).toEqual([])
  expect(parsed.data).toEqual(answer.body)
}

export function testSuccess(tested: ContractCase, context: Context): void {
  const { route } = tested
  // Its answer has no end.
  if (route.result.raw?.types.includes('text/event-stream')) return
  test('in the right way: the status and the body that are declared', async () => {
    const prepared = await prepare(context(), tested)
    const answer = await context().send(tested, prepared)
    expect([answer.status, answer.status === route.status ? '' : answer.text]).toEqual([
      route.status,
      '',
    ])
    expectFits(answer, tested)
    if (route.result.hasEntityTag) expect(answer.headers.get('etag')).toMatch(/^"[^"]+"$/)
    if (route.method === 'GET') {
      const head = await context().app.request(prepared.who, `HEAD ${prepared.path}`)
      expect([head.status, head.text]).toEqual([route.status, ''])
      expect(head.headers.get('etag')).toBe(answer.headers.get('etag'))
    }
    if (route.method === 'GET' && route.result.hasEntityTag) {
      const etag = answer.headers.get('etag')
      const again = await context().send(tested, {
        ...prepared,
        headers: { 'if-none-match': etag },
      })
      expect([again.status, again.text]).toEqual([304, ''])
    }
  })
  if (route.method === 'POST' && route.access !== 'anyone') testIdempotency(tested, context)
  const isChange = route.method !== 'GET' && !(route.method === 'POST' && route.status === 201)
  if (isChange && (route.result.hasEntityTag || route.entity)) testStale(tested, context)
  testForeign(tested, context)
}

function testIdempotency(tested: ContractCase, context: Context): void {
  test('twice with one idempotency key: done once; with another body: refused', async () => {
    const { app, send } = context()
    const prepared = await prepare(context(), tested)
    const headers = { 'idempotency-key': `key-${prepared.who}` }
    const first = await send(tested, { ...prepared, headers })
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([
      tested.route.status,
      null,
    ])
    // The first may have ended the session; another of the same account has the same keys.
    const second = await app.request(
      prepared.who,
      `${tested.route.method} ${prepared.path}`,
      prepared.body,
      { ...headersOf(tested), ...headers },
    )
    if (second.status === 401) return
    expect([second.status, second.text]).toEqual([first.status, first.text])
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    const another = prepared.other ?? (tested.body && sampleOf(tested.body))
    if (JSON.stringify(another) === JSON.stringify(prepared.body)) return
    const other = await send(tested, { ...prepared, body: another, headers })
    expect([other.status, other.status === 422 ? '' : other.text]).toEqual([422, ''])
  })
}

function testStale(tested: ContractCase, context: Context): void {
  test('with an entity tag that is stale: 412, and nothing is changed', async () => {
    const prepared = await prepare(context(), tested)
    const headers = { 'if-match': '"stale"' }
    const answer = await context().send(tested, { ...prepared, headers })
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([412, 'stale'])
    const again = await context().send(tested, { ...prepared, headers: { 'if-match': '*' } })
    expect([again.status, again.status === tested.route.status ? '' : again.text]).toEqual([
      tested.route.status,
      '',
    ])
  })
}

/** Whether more than their owners may reach these rows. */
function isShared({ entity, result, method }: ContractCase['route']): boolean {
  const access = (entity ?? result.model)?.access
  const own = method === 'GET' ? access?.read : access?.write
  return typeof own === 'object' || own === 'user' || own === 'anyone'
}

/** Rows of another do not exist here, wherever an actor's policies hold. */
function testForeign(tested: ContractCase, context: Context): void {
  const { route } = tested
  if (!route.path.includes('/:id') || route.access !== 'user' || isShared(route)) return
  test("for another's row: 404, the same as for none, and it stays as it was", async () => {
    const { send } = context()
    const prepared = await prepare(context(), tested)
    const stranger = await send(tested, { ...prepared, who: 'other' })
    const nothing = await send(tested, { ...prepared, who: 'other', path: unknownPath(route) })
    expect([stranger.status, nothing.status]).toEqual([404, 404])
    const { detail } = stranger.body as { detail: string }
    expect((nothing.body as { detail: string }).detail).toBe(detail)
    const owner = await send(tested, prepared)
    expect(owner.status).toBe(route.status)
  })
}
