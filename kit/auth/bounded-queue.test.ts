import { expect, test } from 'bun:test'
import { Problem } from '#kit/core'
import { createBoundedQueue } from './bounded-queue.ts'

interface Gate {
  readonly work: () => Promise<string>
  readonly open: () => void
}

function gate(name: string, started: string[]): Gate {
  const { promise, resolve } = Promise.withResolvers<string>()
  const work = () => {
    started.push(name)
    return promise
  }
  return { work, open: () => resolve(name) }
}

test('runs a few at once, the others in the order they came', async () => {
  const enqueue = createBoundedQueue({ running: 2, waiting: 2, retryAfterSeconds: 3 })
  const started: string[] = []
  const gates = ['a', 'b', 'c', 'd'].map((name) => gate(name, started))
  const results = gates.map(({ work }) => enqueue(work))
  await Promise.resolve()
  expect(started).toEqual(['a', 'b'])
  gates[1]?.open()
  await results[1]
  await Promise.resolve()
  expect(started).toEqual(['a', 'b', 'c'])
  for (const { open } of gates) open()
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd'])
})

test('refuses one too many with Retry-After, and takes more when there is room', async () => {
  const enqueue = createBoundedQueue({ running: 1, waiting: 1, retryAfterSeconds: 3 })
  const started: string[] = []
  const [a, b] = [gate('a', started), gate('b', started)]
  const results = [enqueue(a.work), enqueue(b.work)]
  const refusal = await enqueue(async () => 'c').catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(Problem)
  expect(refusal).toMatchObject({ kind: { code: 'unavailable' }, headers: { 'Retry-After': '3' } })
  a.open()
  b.open()
  await Promise.all(results)
  expect(await enqueue(async () => 'd')).toBe('d')
})

test('work that fails gives its place back', async () => {
  const enqueue = createBoundedQueue({ running: 1, waiting: 1, retryAfterSeconds: 3 })
  const failing = enqueue(() => Promise.reject(new Error('broken')))
  const next = enqueue(async () => 'next')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('next')
})
