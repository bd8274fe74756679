import { isDeepStrictEqual } from 'node:util'
import type { Contestant } from './contest.ts'
import { openClient } from './load/client.ts'
import { bodyOf, statusOf } from './load/response.ts'
import { createSource } from './load/sources.ts'
import type { Scenario } from './scenarios.ts'

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** What may differ between two servers that do the same: times, ids and tokens made just now. */
const madeNow = new Set([
  ...['id', 'created_at', 'updated_at', 'last_login', 'expires_at'],
  ...['token', 'refresh_token'],
])

/** Throws where the servers do not answer the first requests of a scenario alike: then their speed says nothing. */
export async function assertSameAnswers(
  scenario: Scenario,
  contestants: readonly Contestant[],
): Promise<void> {
  const [first, ...others] = contestants
  if (!first) return
  const expected = await ask(first)
  for (const other of others) {
    const found = await ask(other)
    if (isDeepStrictEqual(comparable(scenario, found), comparable(scenario, expected))) continue
    throw new Error(
      `${scenario.title}: the answers differ.\n${first.name}: ${text(expected)}\n${other.name}: ${text(found)}`,
    )
  }
}

/** The first request's answer. Refresh tokens work once: the contestant goes on with the new one. */
async function ask(contestant: Contestant): Promise<Answer> {
  const source = createSource(contestant.feed, 1)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const client = await openClient(contestant.server.port, { response: resolve, fault: reject })
  client.send(source.next(0))
  const response = await promise
  client.close()
  source.take(0, response)
  const { feed } = contestant
  if (feed.kind === 'refresh') contestant.feed = { ...feed, tokens: source.tokens() }
  return { status: statusOf(response), body: JSON.parse(bodyOf(response)) }
}

/** What is read from equal databases must be equal; of what is made now, what is there must be. */
function comparable({ isReading }: Scenario, { status, body }: Answer): unknown {
  return { status, body: isReading ? body : withoutMade(body) }
}

function withoutMade(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutMade)
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) =>
      madeNow.has(name) ? [name, shapeOf(inner)] : [name, withoutMade(inner)],
    ),
  )
}

/** A made value by its form: `019a…` and `2026-…Z` by the places of their signs, tokens by their parts. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'string') return typeof value
  return value.split('.').length === 3 ? 'a.b.c' : value.replace(/[0-9a-z]/gi, 'x')
}

function text(answer: Answer): string {
  return JSON.stringify(answer)
}
