import type { RowChange } from '#kit/db'

/** What a caller is told of a row, as he sees it. */
export interface LiveEvent {
  readonly model: string
  readonly action: 'create' | 'change' | 'remove'
  readonly id: RowChange['id']
  /** The row as answers show it; left out where it is removed, or too large. */
  readonly row?: Readonly<Record<string, unknown>>
}

/** A larger row is not sent: who wants it reads it. */
const mostRowLength = 64 * 1024

/** The event as text, without its id. The form: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function toEventData({ row, ...event }: LiveEvent): string {
  const shown = row && JSON.stringify(row)
  const bare = JSON.stringify(event)
  return shown === undefined || shown.length > mostRowLength
    ? `data: ${bare}\n\n`
    : `data: ${bare.slice(0, -1)},"row":${shown}}\n\n`
}

export function withId(id: string, text: string): string {
  return `id: ${id}\n${text}`
}

/** Answers begin with it: from now on everything is told. */
export function readyText(id: string, isResumed: boolean): string {
  return withId(id, `retry: 2000\nevent: ready\ndata: {"resumed":${isResumed}}\n\n`)
}

/** Something of these models may have been missed. */
export function resetText(models: readonly string[]): string {
  return `event: reset\ndata: ${JSON.stringify({ models })}\n\n`
}

/** Keeps the connection open; no event, but where it is to be resumed. */
export function beatText(id: string): string {
  return `:\nid: ${id}\n\n`
}
