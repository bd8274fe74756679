import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { problemOf } from '#kit/testing'
import { readRange } from './byte-range.ts'
import { chunksOf } from './chunks.ts'
import { createDiskStore } from './disk-store.ts'
import { fileKey, readFileKey } from './file-key.ts'
import { dispositionOf, toFileName } from './file-name.ts'
import { receiveFile } from './receive-file.ts'
import { createSpool } from './spool.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plinth-files-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const names: Readonly<
  Record<string, readonly [given: string | undefined, end: string, name: string]>
> = {
  plain: ['cup.png', 'png', 'cup.png'],
  'no name': [undefined, 'png', 'file.png'],
  'a path': ['../../etc/passwd', 'png', 'passwd.png'],
  'a path of Windows': ['C:\\x\\cup.png', 'png', 'cup.png'],
  dots: ['..', 'png', 'file.png'],
  'a hidden file': ['.htaccess', 'txt', 'htaccess.txt'],
  'another end': ['x.html', 'jpg', 'x.html.jpg'],
  'an end that means the same': ['cup.JPEG', 'jpg', 'cup.JPEG'],
  'a turn of direction': ['\u202Egnp.exe', 'png', 'gnp.exe.png'],
  'controls and quotes': ['a\r\nb\0"c%22%0D.png', 'png', 'abc.png'],
  'half a character': ['a\ud800.png', 'png', 'a\ufffd.png'],
  'too long': [`${'é'.repeat(500)}.png`, 'png', `${'é'.repeat(146)}.png`],
}

describe('names', () => {
  for (const [label, [given, end, name]] of Object.entries(names))
    test(label, () => expect(toFileName(given, end)).toBe(name))

  test('stand in a header in ASCII, and as they are', () => {
    expect(dispositionOf('inline', `a"é'(1)%.png`)).toBe(
      `inline; filename="a__'(1)_.png"; filename*=UTF-8''a%22%C3%A9%27%281%29%25.png`,
    )
  })
})

const ranges: Readonly<Record<string, readonly [header: string | null, expected: unknown]>> = {
  none: [null, undefined],
  first: ['bytes=0-0', { start: 0, end: 1 }],
  open: ['bytes=5-', { start: 5, end: 10 }],
  'beyond the end': ['bytes=5-99', { start: 5, end: 10 }],
  suffix: ['bytes=-3', { start: 7, end: 10 }],
  'suffix of more than all': ['bytes=-30', { start: 0, end: 10 }],
  'suffix of nothing': ['bytes=-0', 'unsatisfiable'],
  'from the end': ['bytes=10-', 'unsatisfiable'],
  backwards: ['bytes=5-4', undefined],
  several: ['bytes=0-1,3-4', undefined],
  nothing: ['bytes=-', undefined],
  'other units': ['lines=1-2', undefined],
  'a number beyond all': [`bytes=${'9'.repeat(30)}-`, undefined],
}

describe('ranges', () => {
  for (const [label, [header, expected]] of Object.entries(ranges))
    test(label, () => expect(readRange(header, 10)).toEqual(expected as never))
})

test('keys are made of parts that lead nowhere else', () => {
  const place = { table: 'items', id: '5', field: 'picture' }
  expect(readFileKey(fileKey(place, 'v-1'))).toEqual({ ...place, version: 'v-1' })
  for (const id of ['..', 'a/b', '', 'a\\b', '%2e', 'a\0'])
    expect(() => fileKey({ ...place, id }, 'v')).toThrow(TypeError)
  for (const key of ['', 'a/b/c', 'a/b/c/d/e', '../b/c/d', 'a/b/c/'])
    expect(readFileKey(key)).toBeUndefined()
})

describe('a body', () => {
  const limits = { mostBytes: 100, stallMs: 5, totalMs: 60_000 }
  const read = async (stream: ReadableStream<Uint8Array>, more: object = {}) => {
    for await (const _ of chunksOf(stream, { ...limits, ...more }));
  }
  const stalled = (cancel: () => void = () => {}) =>
    new ReadableStream<Uint8Array>({ start: (it) => it.enqueue(new Uint8Array(5)), cancel })

  test('whose sender falls silent is given up, and no more of it is taken', async () => {
    const isCancelled = Promise.withResolvers<void>()
    const refusal = await problemOf(read(stalled(isCancelled.resolve)))
    expect(refusal.kind.code).toBe('unavailable')
    await isCancelled.promise
  })

  test('that takes too long as a whole is given up, however busy it is', async () => {
    const busy = new ReadableStream<Uint8Array>({ pull: (it) => it.enqueue(new Uint8Array(0)) })
    const refusal = await problemOf(read(busy, { stallMs: 1000, totalMs: 5 }))
    expect(refusal.kind.code).toBe('unavailable')
  })

  test('that breaks off is malformed', async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: (it) => it.error(new Error('gone')) })
    expect((await problemOf(read(broken))).kind.code).toBe('malformed')
  })
})

describe('the disk', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
  const options = { max: 1000, types: ['image/png'] }
  const form = () => {
    const data = new FormData()
    data.append('file', new File([png], 'a.png'))
    const request = new Request('http://localhost', { method: 'PUT', body: data })
    const { body: stream, headers } = request
    return { stream, headers }
  }
  const limits = { stallMs: 1000, totalMs: 1000 }

  test('that has no room takes nothing, and says so', async () => {
    const own = join(folder, 'full')
    const spool = createSpool({ folder: own, reserve: Number.MAX_SAFE_INTEGER })
    const refusal = await problemOf(receiveFile(form(), options, { spool, limits }))
    expect([refusal.kind.code, refusal.detail]).toEqual([
      'unavailable',
      expect.stringContaining('no room'),
    ])
    expect(await readdir(join(own, '.incoming'))).toEqual([])
  })

  test('that fills up on the way keeps nothing half written', async () => {
    const own = join(folder, 'filling')
    const spool = createSpool({ folder: own, reserve: 0 })
    const filling: typeof spool = {
      ...spool,
      begin: async (most) => {
        const file = await spool.begin(most)
        const write = async () => {
          await file.write(new Uint8Array(3))
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        }
        return { ...file, write }
      },
    }
    await expect(receiveFile(form(), options, { spool: filling, limits })).rejects.toThrow(
      'no space',
    )
    expect(await readdir(join(own, '.incoming'))).toEqual([])
  })

  test('keeps a file whole under its key, and nothing once it is removed', async () => {
    const own = join(folder, 'store')
    const store = createDiskStore(own)
    const spool = createSpool({ folder: own, reserve: 0 })
    const { spooled, ...found } = await receiveFile(form(), options, { spool, limits })
    expect(found).toEqual({ name: 'a.png', type: 'image/png', size: png.length })
    const key = 'items/5/picture/v1'
    await store.put(key, { path: spooled.path, ...found })
    await spooled.discard()
    const read = async (start: number, end: number) => {
      const body = await store.read(key, { start, end })
      return body && Buffer.from(await new Response(body).arrayBuffer())
    }
    expect(await read(0, png.length)).toEqual(png)
    expect(await read(1, 4)).toEqual(Buffer.from('PNG'))
    expect(await read(0, png.length + 1)).toBeUndefined()
    expect(await Array.fromAsync(store.list(), (one) => one.key)).toEqual([key])
    await store.remove(key)
    await store.remove(key)
    expect(await read(0, 1)).toBeUndefined()
    expect((await readdir(own)).sort()).toEqual(['.incoming', 'items'])
  })

  test('loses what a process that died left in the spool, and nothing younger', async () => {
    const own = join(folder, 'left')
    const spool = createSpool({ folder: own, reserve: 0 })
    await mkdir(own)
    const old = await spool.begin(10)
    const young = await spool.begin(10)
    await utimes(old.path, 1000, 1000)
    await spool.clean(Date.now() - 60_000)
    expect(
      (await readdir(join(own, '.incoming'))).map((name) => join(own, '.incoming', name)),
    ).toEqual([young.path])
    await old.discard()
    await young.discard()
  })
})
