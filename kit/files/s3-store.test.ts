import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BucketConfig } from '#kit/core'
import { problemOf } from '#kit/testing'
import { type FakeS3, startFakeS3 } from './fixture/fake-s3.ts'
import { createS3Store } from './s3-store.ts'

/** A server that has the bucket `plinth`, such as http://key:secret@127.0.0.1:7070, instead of the fake. */
const real = process.env['PLINTH_TEST_S3']
const keys = { accessKeyId: 'test-key', secretAccessKey: 'test-secret' }

describe('a bucket', () => {
  let folder = ''
  let fake: FakeS3 | undefined
  let config: BucketConfig

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plinth-s3-'))
    const prefix = `p${Bun.randomUUIDv7()}`
    const place = { bucket: 'plinth', prefix, region: 'us-east-1' }
    if (real === undefined) {
      fake = startFakeS3(place.bucket, keys.accessKeyId)
      config = { ...place, ...keys, endpoint: fake.endpoint }
      return
    }
    const { username: accessKeyId, password: secretAccessKey, protocol, host } = new URL(real)
    config = { ...place, accessKeyId, secretAccessKey, endpoint: `${protocol}//${host}` }
  })
  afterAll(async () => {
    await fake?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function put(key: string, text: string): Promise<void> {
    const path = join(folder, 'spooled')
    await writeFile(path, text)
    await createS3Store(config).put(key, { path, size: text.length, type: 'text/plain' })
  }

  async function read(key: string, start: number, end: number): Promise<string | undefined> {
    const body = await createS3Store(config).read(key, { start, end })
    return body && new Response(body).text()
  }

  test('keeps files whole, sends parts of them, and removes them', async () => {
    await put('items/5/picture/v1', 'hello there')
    expect(await read('items/5/picture/v1', 0, 11)).toBe('hello there')
    expect(await read('items/5/picture/v1', 6, 9)).toBe('the')
    await createS3Store(config).remove('items/5/picture/v1')
    await createS3Store(config).remove('items/5/picture/v1')
    expect(await read('items/5/picture/v1', 0, 11)).toBeUndefined()
  })

  test('lists them, page by page, without its prefix', async () => {
    const wanted = [1, 2, 3, 4, 5].map((id) => `items/${id}/picture/v`)
    for (const key of wanted) await put(key, 'x')
    const listed = await Array.fromAsync(createS3Store(config).list())
    expect(listed.map(({ key }) => key)).toEqual(wanted)
    expect(listed.every(({ changedMs }) => Math.abs(changedMs - Date.now()) < 60_000)).toBe(true)
  })

  test('refuses who has not its key: unavailable, and nothing told of why', async () => {
    // Real servers look at the signature.
    const wrong = real === undefined ? { accessKeyId: 'stranger' } : { secretAccessKey: 'stranger' }
    const stranger = createS3Store({ ...config, ...wrong })
    for (const work of [
      () => stranger.read('items/1/picture/v', { start: 0, end: 1 }),
      () => stranger.remove('items/1/picture/v'),
      () => Array.fromAsync(stranger.list()),
    ]) {
      const { kind, detail } = await problemOf(work() as Promise<unknown>)
      expect([kind.code, detail]).toEqual(['unavailable', expect.not.stringContaining('stranger')])
    }
  })

  test.skipIf(real !== undefined)('that fails is unavailable', async () => {
    fake?.failWith(503)
    expect((await problemOf(put('items/1/picture/w', 'x'))).kind.code).toBe('unavailable')
    expect((await problemOf(read('items/1/picture/v', 0, 1))).kind.code).toBe('unavailable')
    fake?.failWith(undefined)
    expect(fake?.keys().some((key) => key.endsWith('/w'))).toBe(false)
  })
})
