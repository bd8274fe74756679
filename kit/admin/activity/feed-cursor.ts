import { z } from 'zod'
import { invalidInput } from '#kit/core'
import { instantSchema, uuidSchema } from '#kit/model'
import type { Place } from './read-heads.ts'

const place = z.tuple([instantSchema, uuidSchema])

/** The cursor of the page after this place. Opaque to callers; it holds no secret. */
export function toCursor({ at, id }: Place): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url')
}

/** Throws `invalid` where it is no cursor of a feed. */
export function fromCursor(cursor: string): Place {
  const parsed = place.safeParse(decode(cursor))
  if (parsed.success) return { at: parsed.data[0], id: parsed.data[1] }
  throw invalidInput([{ path: 'cursor', code: 'cursor', message: 'Is not a cursor of this list.' }])
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
