import type { Committed, RowChange } from '../../changes/row-change.ts'

/** Where processes tell each other what they have committed. */
export const channel = 'plinth_live'
/** What a connection that listens there is called. */
export const listenerName = 'plinth live'

export const notify =
  'SELECT pg_notify($1::text, message) FROM json_array_elements_text($2::text::json) AS given (message)'

/** The server takes no message of 8000 bytes. */
const mostBytes = 7800

/** A change as it travels: model, action, id, what it was. */
type Packed = readonly [string, RowChange['action'], RowChange['id']?, RowChange['before']?]

/** The changes of a unit as messages, in their order. A change that is too large for one tells of its model alone. */
export function toMessages(changes: readonly RowChange[], makeId: () => string): string[] {
  const messages: string[] = []
  let parts: string[] = []
  let bytes = 0
  const finish = () => {
    if (parts.length > 0) messages.push(`{"u":"${makeId()}","c":[${parts.join(',')}]}`)
    parts = []
    bytes = 0
  }
  for (const change of changes) {
    const part = packed(change)
    // The id and what stands around the parts.
    const size = Buffer.byteLength(part) + 1
    if (bytes + size > mostBytes - 100) finish()
    parts.push(part)
    bytes += size
  }
  finish()
  return messages
}

function packed(change: RowChange): string {
  const { model, action, id, before } = change
  const whole = JSON.stringify([model, action, id, before] satisfies Packed)
  return Buffer.byteLength(whole) <= mostBytes - 200 ? whole : JSON.stringify([model, action])
}

/** What was sent; undefined for what nobody of us sends. */
export function fromMessage(text: string): Committed | { readonly ping: string } | undefined {
  try {
    const told = JSON.parse(text) as { u?: string; c?: readonly Packed[]; ping?: string }
    if (typeof told.ping === 'string') return { ping: told.ping }
    if (typeof told.u !== 'string' || !Array.isArray(told.c)) return undefined
    const changes = (told.c as readonly Packed[]).map(([model, action, id, before]) => ({
      model,
      action,
      id: id ?? undefined,
      before: before ?? undefined,
    }))
    return { id: told.u, changes }
  } catch {
    return undefined
  }
}
