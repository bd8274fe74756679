import type { ByteRange } from './file-store.ts'

/**
 * What a `Range` header asks of this many bytes (RFC 9110, 14): undefined for all of them, which is also the answer to
 * several ranges and to what is no range; `unsatisfiable` where it begins beyond the end.
 */
export function readRange(
  header: string | null,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? '')
  if (!match) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  if (first === '') return suffixOf(Number(last), size)
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return undefined
  return start < size ? { start, end } : 'unsatisfiable'
}

function suffixOf(length: number, size: number): ByteRange | 'unsatisfiable' {
  return length > 0 ? { start: Math.max(0, size - length), end: size } : 'unsatisfiable'
}
