import type { Ids } from '#kit/core'

const sane = /^[A-Za-z0-9._:-]{1,128}$/

/** The caller's `X-Request-Id` where it can do no harm in a log or a header, else one of our own. */
export function toRequestId(headers: Headers, ids: Ids): string {
  const given = headers.get('x-request-id')
  return given !== null && sane.test(given) ? given : ids.uuid()
}
