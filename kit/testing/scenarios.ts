import { expect, test } from 'bun:test'
import type { Answer } from './request.ts'
import type { TestApp } from './test-app.ts'

/**
 * One case: who asks (an account's name or null), what, with which body; the status that must come back,
 * and what the answer must hold: a text somewhere in it, or these members of its body.
 */
export type Scenario = readonly [
  who: string | null,
  line: string,
  body: unknown,
  status: number,
  contains?: string | RegExp | Readonly<Record<string, unknown>> | readonly unknown[],
]

type Expected = Scenario[4]

/**
 * Runs each case as a test of its own, in order, on one app (a function, where it is opened later):
 * `{ 'no token': [null, 'GET /api/x', undefined, 401] }`.
 */
export function scenarios(
  app: TestApp | (() => TestApp),
  cases: Readonly<Record<string, Scenario>>,
): void {
  for (const [name, [who, line, body, status, contains]] of Object.entries(cases))
    test(`${name}: ${line} → ${status}`, async () => {
      const { request } = typeof app === 'function' ? app() : app
      const answer = await request(who, line, body)
      // The text tells what went wrong where the status is another.
      const text = answer.status === status ? '' : answer.text
      expect({ status: answer.status, text }).toEqual({ status, text: '' })
      expectContent(answer, contains)
    })
}

function expectContent({ text, body }: Answer, expected: Expected): void {
  if (typeof expected === 'string') expect(text).toContain(expected)
  else if (expected instanceof RegExp) expect(text).toMatch(expected)
  else if (expected !== undefined) expect(body).toMatchObject(expected)
}
