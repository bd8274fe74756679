import { type BucketConfig, Problem } from '#kit/core'
import type { FileStore, StoredKey } from './file-store.ts'

/** How long the store may take to answer; for what it sends then there is no limit. */
const answerMs = 10_000
const linkSeconds = 60
const keysInPage = 1000

/** Files in a bucket of S3, or of anything that speaks like it. */
export function createS3Store(config: BucketConfig): FileStore {
  const { prefix, ...options } = config
  const client = new Bun.S3Client(options)
  const at = prefix === '' ? '' : `${prefix}/`
  return Object.freeze({
    put: async (key, { path, type }) => {
      // One request: there is all of it, or nothing.
      await working(() => client.write(`${at}${key}`, Bun.file(path), { type }))
    },
    read: (key, { start, end }) => {
      const url = client.presign(`${at}${key}`, { expiresIn: linkSeconds })
      return working(() => readRange(url, `bytes=${start}-${end - 1}`))
    },
    remove: async (key) => {
      await working(() => client.delete(`${at}${key}`))
    },
    list: () => listAll(client, at),
  } satisfies FileStore)
}

/** What goes wrong is known before the first byte is passed on. */
async function readRange(url: string, range: string) {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), answerMs)
  try {
    const response = await fetch(url, { headers: { range }, signal: controller.signal })
    if (response.status === 206 && response.body) return response.body
    await response.body?.cancel()
    if (response.status === 404 || response.status === 416) return undefined
    throw new Error(`The store answered ${response.status}.`)
  } finally {
    clearTimeout(timer)
  }
}

async function* listAll(client: Bun.S3Client, prefix: string): AsyncIterable<StoredKey> {
  let startAfter: string | undefined
  for (;;) {
    const page = await working(() =>
      client.list({ prefix, maxKeys: keysInPage, ...(startAfter ? { startAfter } : {}) }),
    )
    for (const { key, lastModified } of page.contents ?? [])
      yield { key: key.slice(prefix.length), changedMs: Date.parse(lastModified ?? '') || 0 }
    startAfter = page.contents?.at(-1)?.key
    if (!page.isTruncated || startAfter === undefined) return
  }
}

async function working<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new Problem('unavailable', 'Files cannot be reached at this moment. Try again later.', {
      cause,
      headers: { 'retry-after': '10' },
    })
  }
}
