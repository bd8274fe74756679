import { isUtf8 } from 'node:buffer'

/** Why bytes are no text that can be read. */
export interface TextFault {
  readonly line: number
  readonly code: 'encoding' | 'nul'
  readonly message: string
}

export interface Guarded {
  /** Whole characters of UTF-8, without a byte order mark. */
  readonly bytes: Uint8Array
  readonly fault?: TextFault
}

/** Lets through UTF-8 alone: what comes in pieces is given out in whole characters. */
export interface TextGuard {
  readonly pass: (chunk: Uint8Array) => Guarded
  /** What is left at the end of the text: half a character at most, and then a fault. */
  readonly end: () => Guarded
}

const nothing = new Uint8Array()
const utf16 = 'Is UTF-16. Save it as "CSV UTF-8" and send that.'
const notUtf8 =
  'Is not UTF-8 (perhaps Latin-1 or Windows-1252). Save it as "CSV UTF-8" and send that.'
const nul = 'Holds a NUL character: this is no text (or it is UTF-16). Save it as "CSV UTF-8".'

export function createTextGuard(): TextGuard {
  let held: Uint8Array = nothing
  let isFirst = true
  let line = 1
  const refuse = (bytes: Uint8Array, code: TextFault['code'], message: string): Guarded => ({
    bytes,
    fault: { line: line + countLines(bytes), code, message },
  })
  const check = (bytes: Uint8Array): Guarded => {
    const at = bytes.indexOf(0)
    const text = at === -1 ? bytes : bytes.subarray(0, at)
    if (!isUtf8(text)) return refuse(validStart(text), 'encoding', notUtf8)
    if (at !== -1) return refuse(text, 'nul', nul)
    line += countLines(bytes)
    return { bytes }
  }
  return {
    pass: (chunk) => {
      const joined = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
      if (isFirst && isUtf16(joined)) return refuse(nothing, 'encoding', utf16)
      const end = wholeLength(joined)
      held = joined.subarray(end)
      const whole = joined.subarray(0, end)
      const start = isFirst && hasMark(whole) ? 3 : 0
      if (whole.length > 0) isFirst = false
      return check(whole.subarray(start))
    },
    end: () => (held.length > 0 ? refuse(nothing, 'encoding', notUtf8) : { bytes: nothing }),
  }
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}

function hasMark([first, second, third]: Uint8Array): boolean {
  return first === 0xef && second === 0xbb && third === 0xbf
}

function countLines(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) count += 1
  return count
}

/** Where the last character is not whole yet: the length without it. */
function wholeLength(bytes: Uint8Array): number {
  const last = bytes.length - 1
  for (let at = last; at >= 0 && at > last - 3; at -= 1) {
    const byte = bytes[at] ?? 0
    if (byte < 0x80) break
    if (byte >= 0xc0) return at + widthOf(byte) > bytes.length ? at : bytes.length
  }
  return bytes.length
}

function widthOf(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
}

/** The whole lines before the one that is no UTF-8. */
function validStart(bytes: Uint8Array): Uint8Array {
  let start = 0
  for (;;) {
    const end = bytes.indexOf(0x0a, start)
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return bytes.subarray(0, start)
    start = end + 1
  }
}
