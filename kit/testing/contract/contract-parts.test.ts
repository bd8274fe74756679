import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { textSchema } from '#kit/model'
import type { Answer } from '../request.ts'
import { bodyFaults } from './body-faults.ts'
import { expectProblem } from './expect-sound.ts'
import { forgedHeaders } from './forge-tokens.ts'
import { toBodySchema } from './json-schema.ts'
import { sampleOf } from './sample.ts'

const schema = z.strictObject({
  title: textSchema({ min: 2, max: 9 }),
  code: textSchema({ max: 4, pattern: /^[0-9]{4}$/ }).nullish(),
  count: z.int().min(1).max(9),
  price: z.number(),
  done: z.boolean(),
  kind: z.enum(['a', 'b']),
  email: z.email().optional(),
  tags: z.array(z.strictObject({ id: z.uuid(), at: z.iso.datetime() })).max(3),
})

test('a sample fits its schema, each time another', () => {
  const described = toBodySchema(schema)
  const [first, second] = [sampleOf(described), sampleOf(described)]
  expect(schema.safeParse(first).error?.issues).toBeUndefined()
  expect(first).not.toEqual(second)
})

describe('faults of a body', () => {
  const faults = bodyFaults(toBodySchema(schema))

  test('are refused, every one of them', () => {
    const taken = faults.filter(({ body }) => schema.safeParse(body).success)
    expect(taken.map(({ label }) => label)).toEqual([])
  })

  test('leave out no field, no required one and no limit', () => {
    const labels = faults.map(({ label }) => label)
    for (const key of ['title', 'code', 'count', 'price', 'done', 'kind', 'email', 'tags'])
      expect(labels.filter((label) => label.startsWith(`${key} `)).length).toBeGreaterThan(2)
    for (const label of [
      'no title',
      'no tags',
      'title ""',
      'title "xxxxxxxxxx"',
      'count "5"',
      'count 0',
      'count 10',
      'count 5.5',
      'done "true"',
      'done 1',
      'kind "contract-nonsense"',
      'title "a\\u0000bcdefgh"',
      'title "a\\ud800bcdefgh"',
    ])
      expect(labels).toContain(label)
    expect(labels).not.toContain('no code')
    expect(labels).not.toContain('code null')
  })
})

test('forged headers are all different, and none is the good one', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = `${part({ alg: 'HS256' })}.${part({ sub: 'a', sid: 'b', exp: 9e9 })}.${'A'.repeat(43)}`
  const account = {
    id: 'a',
    username: 'ada',
    password: 'p',
    token,
    refreshToken: 'r',
    partnerNumber: null,
    pin: null,
  }
  const headers = Object.values(forgedHeaders(account, 'secret', 0))
  expect(new Set(headers).size).toBe(headers.length)
  expect(headers).not.toContain(`Bearer ${token}`)
})

describe('a problem', () => {
  const body = {
    type: 'urn:x',
    title: 'X',
    status: 400,
    code: 'x',
    detail: 'd',
    error: 'd',
    request_id: '1',
  }
  const answer = (more: object): Answer => ({
    status: 400,
    headers: new Headers({ 'content-type': 'application/problem+json', 'x-request-id': '1' }),
    body: { ...body, ...more },
    text: '',
  })

  test('with all members passes', () => {
    expectProblem(answer({}))
    expectProblem(answer({ errors: [{ path: 'a', code: 'b', message: 'c' }] }))
  })

  for (const more of [
    { stack: 'at x' },
    { error: 'other' },
    { status: 401 },
    { request_id: '2' },
    { title: '' },
    { errors: [{ path: 'a' }] },
  ])
    test(`with ${JSON.stringify(more)} does not`, () => {
      expect(() => expectProblem(answer(more))).toThrow()
    })
})
