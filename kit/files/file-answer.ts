import { z } from 'zod'
import { Problem } from '#kit/core'
import { type Answer, isKnown, type Result } from '#kit/http'
import type { FileOptions, FileValue } from '#kit/model'
import { readRange } from './byte-range.ts'
import { type FilePlace, keyOf, versionOf } from './file-key.ts'
import { dispositionOf } from './file-name.ts'
import type { ByteRange, FileStore } from './file-store.ts'

/** A file that the caller may have. */
export interface FileToSend {
  readonly place: FilePlace
  readonly value: FileValue
  readonly store: FileStore
}

/** Pictures that run nothing are shown where they are; all else is for saving. */
const shown = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']

type Asked = Parameters<NonNullable<Result<FileToSend>['raw']>['toAnswer']>[1]

/** Answers the bytes of a file: whole or a range (RFC 9110, 14), as an attachment unless it is a plain picture. */
export function fileResult({ types }: FileOptions): Result<FileToSend> {
  return Object.freeze({
    schema: z.unknown(),
    model: undefined,
    hasEntityTag: true,
    isPage: false,
    encode: () => null,
    raw: { types, toAnswer },
  })
}

async function toAnswer(file: FileToSend, { method, headers }: Asked): Promise<Answer> {
  const { value } = file
  const common = headersOf(value)
  if (isKnown(headers, common.etag)) return { status: 304, ...bodiless, headers: common }
  const range = method === 'GET' ? rangeIn(headers, value, common.etag) : undefined
  if (range === 'unsatisfiable')
    return {
      status: 416,
      ...bodiless,
      headers: { ...common, 'content-range': `bytes */${value.size}` },
    }
  const { start, end } = range ?? { start: 0, end: value.size }
  const own = {
    ...common,
    'content-type': contentTypeOf(value),
    'content-length': `${end - start}`,
  }
  if (method === 'HEAD') return { status: 200, ...bodiless, headers: own }
  const body = await read(file, { start, end })
  if (!range) return { status: 200, type: undefined, body, headers: own }
  const contentRange = `bytes ${start}-${end - 1}/${value.size}`
  return { status: 206, type: undefined, body, headers: { ...own, 'content-range': contentRange } }
}

const bodiless = { type: undefined, body: null } as const

function headersOf(value: FileValue) {
  const kind = shown.includes(value.type) ? 'inline' : 'attachment'
  return {
    etag: `"${versionOf(value)}"`,
    'accept-ranges': 'bytes',
    // Whoever keeps it asks again each time whether its reader may still read it.
    'cache-control': 'private, no-cache',
    'content-disposition': dispositionOf(kind, value.name),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  }
}

function contentTypeOf({ type }: FileValue): string {
  return type === 'text/plain' ? 'text/plain; charset=utf-8' : type
}

/** With `If-Range` a range is for this very version; for any other the whole file is sent. */
function rangeIn(headers: Headers, { size }: FileValue, etag: string) {
  const condition = headers.get('if-range')
  return condition === null || condition.trim() === etag
    ? readRange(headers.get('range'), size)
    : undefined
}

async function read({ place, value, store }: FileToSend, range: ByteRange) {
  const body = await store.read(keyOf(place, value), range)
  if (body) return body
  throw new Problem('internal', 'This file is lost. It has been logged.', {
    cause: new Error(`${keyOf(place, value)} is not in the store.`),
  })
}
