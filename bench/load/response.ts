const headEnd = Buffer.from('\r\n\r\n')

/**
 * How long the response is that begins here; undefined while its head is not whole. Throws where the length
 * is not told: the generator knows no chunked responses.
 */
export function responseLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`A response does not say how long it is:\n${head}`)
  return end + headEnd.length + Number(length)
}

export function statusOf(response: Buffer): number {
  return Number(response.toString('latin1', 9, 12))
}

export function bodyOf(response: Buffer): string {
  return response.toString('utf8', response.indexOf(headEnd) + headEnd.length)
}
