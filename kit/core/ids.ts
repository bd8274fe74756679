import type { Clock } from './clock.ts'

/** Makes identifiers. A fake one makes tests repeatable. */
export interface Ids {
  /** A UUID of version 7 (RFC 9562): sorts by the time it was made. */
  readonly uuid: () => string
}

export function createIds(clock: Clock): Ids {
  return { uuid: () => Bun.randomUUIDv7('hex', clock.nowMs()) }
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isUuid(text: string): boolean {
  return text.length === 36 && uuidPattern.test(text)
}
