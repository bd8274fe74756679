import { describe, expect, test } from 'bun:test'
import { applyLoad } from './apply-load.ts'
import type { Job } from './job.ts'
import { httpRequest } from './sources.ts'

/** Runs a load of 50 requests from 4 connections on a server of this process. */
async function loadOn(
  answer: (request: Request) => Response | Promise<Response>,
  feed: Job['feed'],
) {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer })
  try {
    return await applyLoad({
      port: server.port ?? 0,
      connections: 4,
      feed,
      status: 200,
      warmUpMs: 0,
      measureMs: 0,
      requests: 50,
      pid: process.pid,
    })
  } finally {
    await server.stop(true)
  }
}

const cycle: Job['feed'] = {
  kind: 'cycle',
  requests: ['/a', '/b', '/c'].map((path) => httpRequest({ method: 'GET', path })),
}

describe('load', () => {
  test('as many requests are measured as asked for, each request in its turn', async () => {
    const seen = new Map<string, number>()
    const result = await loadOn((request) => {
      const { pathname } = new URL(request.url)
      seen.set(pathname, (seen.get(pathname) ?? 0) + 1)
      return Response.json({ text: 'x'.repeat(100_000) })
    }, cycle)
    expect(result).toMatchObject({ answered: 50, failures: 0 })
    expect([...seen.keys()].sort()).toEqual(['/a', '/b', '/c'])
    expect([...seen.values()].reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(50)
  })

  test('an answer with another status is a failure, told with its body', async () => {
    const result = await loadOn(() => new Response('full', { status: 503 }), cycle)
    expect(result.failures).toBeGreaterThan(0)
    expect(result.failure).toBe('503 full')
  })

  test('each connection goes on with the refresh token it was given', async () => {
    const good = new Set(['0.0', '1.0', '2.0', '3.0'])
    const result = await loadOn(
      async (request) => {
        const { refresh_token } = (await request.json()) as { refresh_token: string }
        if (!good.delete(refresh_token)) return new Response('used before', { status: 401 })
        const [connection = '', count] = refresh_token.split('.')
        const next = `${connection}.${Number(count) + 1}`
        good.add(next)
        return Response.json({ refresh_token: next })
      },
      { kind: 'refresh', path: '/refresh', tokens: [...good] },
    )
    expect(result.failures).toBe(0)
    expect(new Set(result.tokens)).toEqual(good)
  })

  test('a connection that breaks ends the load', async () => {
    const endless = () => new ReadableStream({ start: (stream) => stream.enqueue('chunk') })
    const broken = loadOn(() => new Response(endless()), cycle)
    await expect(broken).rejects.toThrow('does not say how long')
  })
})
