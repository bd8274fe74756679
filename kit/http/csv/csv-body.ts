import { Problem } from '#kit/core'
import type { BodyForm } from '../types.ts'

const mebibyte = 1024 * 1024
const csvType = /^text\/csv\s*(?:;.*)?$/i
const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i

/** A body of CSV in UTF-8, of 16 MiB at most. The handler gets its bytes. */
export const csvBody: BodyForm = Object.freeze({
  type: 'text/csv',
  mostBytes: 16 * mebibyte,
  assertFits: (headers: Headers) => {
    const type = headers.get('content-type') ?? ''
    if (!csvType.test(type)) throw refused('The body must be CSV: send "Content-Type: text/csv".')
    const [, encoding = 'utf-8'] = charset.exec(type) ?? []
    if (!/^(utf-?8|us-ascii)$/i.test(encoding))
      throw refused('The body must be CSV in UTF-8: save it as "CSV UTF-8" and send that.')
    if (headers.get('content-encoding') !== null) throw refused('The body must not be compressed.')
  },
})

function refused(detail: string): Problem {
  return new Problem('unsupported_media_type', detail)
}
