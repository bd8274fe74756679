import { Problem } from '#kit/core'

export interface ChunkLimits {
  /** The most bytes of the whole body. */
  readonly mostBytes: number
  /** How long the sender may be silent. */
  readonly stallMs: number
  /** How long all of it may take. */
  readonly totalMs: number
}

/** The chunks of a body as they come. Throws `too_large`, `malformed` and, for a sender that stalls, `unavailable`. */
export async function* chunksOf(
  stream: ReadableStream<Uint8Array>,
  { mostBytes, stallMs, totalMs }: ChunkLimits,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  const deadline = performance.now() + totalMs
  let length = 0
  let isDone = false
  try {
    for (;;) {
      const leftMs = Math.min(stallMs, deadline - performance.now())
      // A sender that never rests would let no timer run.
      if (leftMs <= 0) throw stalled()
      const { done, value } = await within(reader.read().catch(throwBroken), leftMs)
      if (done) {
        isDone = true
        return
      }
      length += value.length
      if (length > mostBytes) throw tooLarge()
      yield value
    }
  } finally {
    // What else may come is dropped; whether that works is the sender's affair.
    if (!isDone) reader.cancel().catch(() => undefined)
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(stalled()), ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

export function tooLarge(): Problem {
  return new Problem('too_large', 'The file is larger than may be kept here.')
}

function stalled(): Problem {
  return new Problem('unavailable', 'The file came too slowly. Try again on a better line.')
}

function throwBroken(cause: unknown): never {
  throw new Problem('malformed', 'The body ended before it was complete.', { cause })
}
