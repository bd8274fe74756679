import { describe, expect, test } from 'bun:test'
import { Problem } from '#kit/core'
import { parseBody, readBytes } from './request-body.ts'

const json = { 'content-type': 'application/json' }

function read(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null,
  headers: Record<string, string> = json,
): Promise<unknown> {
  const request = new Request('http://localhost/', { method: 'POST', body, headers })
  return readBytes(request, request.headers).then((bytes) => parseBody(bytes, new Headers(headers)))
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof Problem ? error.kind.code : String(error)
}

function chunks(sizes: readonly number[], onCancel = () => {}): ReadableStream<Uint8Array> {
  const rest = [...sizes]
  return new ReadableStream({
    pull: (controller) => {
      const size = rest.shift()
      if (size === undefined) controller.close()
      else controller.enqueue(new Uint8Array(size).fill(0x20))
    },
    cancel: onCancel,
  })
}

const mebibyte = 1024 * 1024

describe('request body', () => {
  test('JSON in its spellings is read', async () => {
    expect(await read('{"a":[1,"é"]}')).toEqual({ a: [1, 'é'] })
    expect(await read('\ufeff{}')).toEqual({})
    for (const type of [
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
      'application/merge-patch+json',
      'APPLICATION/JSON',
    ])
      expect(await read('{}', { 'content-type': type })).toEqual({})
  })

  test('no body at all is undefined', async () => {
    expect(await read(null, {})).toBeUndefined()
    expect(await read(null)).toBeUndefined()
  })

  test('another type, or none, is unsupported', async () => {
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'json']
    for (const type of [
      ...types,
      'application/json; charset=latin1',
      'text/html, application/json',
    ])
      expect([type, await codeOf(read('{}', { 'content-type': type }))]).toEqual([
        type,
        'unsupported_media_type',
      ])
    expect(await codeOf(read(new TextEncoder().encode('{}'), {}))).toBe('unsupported_media_type')
    expect(await codeOf(read('{}', { ...json, 'content-encoding': 'gzip' }))).toBe(
      'unsupported_media_type',
    )
  })

  test('what is no JSON in UTF-8 is malformed', async () => {
    for (const body of ['{', '{"a":1,}', '', ' ', 'NaN', "{'a':1}", '{}{}', '"\\u12"', '\u0000'])
      if (body !== '') expect([body, await codeOf(read(body))]).toEqual([body, 'malformed'])
    expect(await codeOf(read(new Uint8Array([0x22, 0xff, 0x22])))).toBe('malformed')
  })

  test('32 levels are read, 33 are not; brackets in text do not count', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(await read(nested(32))).toBeArray()
    expect(await codeOf(read(nested(33)))).toBe('malformed')
    expect(await codeOf(read('{"a":'.repeat(33)))).toBe('malformed')
    expect(await codeOf(read('['.repeat(mebibyte)))).toBe('malformed')
    expect(await read(JSON.stringify({ a: `\\"${'['.repeat(99)}` }))).toBeObject()
    expect(await read(JSON.stringify(Array(99).fill([])))).toHaveLength(99)
  })

  test('1 MiB is read, a byte more is too large: announced, in one piece or in many', async () => {
    const text = (length: number) => `"${'x'.repeat(length - 2)}"`
    expect(await read(text(mebibyte))).toHaveLength(mebibyte - 2)
    expect(await codeOf(read(text(mebibyte + 1)))).toBe('too_large')
    const announced = { ...json, 'content-length': String(mebibyte + 1) }
    expect(await codeOf(read('{}', announced))).toBe('too_large')
    expect(await codeOf(read('{}', { ...json, 'content-length': 'x' }))).toBe('too_large')
    expect(await codeOf(read(chunks([mebibyte, 1])))).toBe('too_large')
    const lying = { ...json, 'content-length': '2' }
    expect(await codeOf(read(text(mebibyte + 1), lying))).toBe('too_large')
  })

  test('a stream without end is cut off', async () => {
    let cancelled = false
    const endless = chunks(Array(1000).fill(65_536), () => {
      cancelled = true
    })
    expect(await codeOf(read(endless))).toBe('too_large')
    expect(cancelled).toBe(true)
  })

  test('a body that breaks off is malformed', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) })
    expect(await codeOf(read(broken))).toBe('malformed')
  })
})
