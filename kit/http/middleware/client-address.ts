import { isIP } from 'node:net'
import type { Peer } from '../exchange.ts'

/**
 * The address of the client. `X-Forwarded-For` is read from the right, one entry for each proxy that is
 * trusted: what stands further left is the client's own claim.
 */
export function clientAddress(
  headers: Headers,
  peer: Peer | undefined,
  trustProxy: number,
): string {
  const direct = () => plain((typeof peer === 'function' ? peer() : peer) ?? '') ?? 'unknown'
  if (trustProxy === 0) return direct()
  const forwarded = headers.get('x-forwarded-for')?.split(',') ?? []
  const entry = forwarded[Math.max(0, forwarded.length - trustProxy)]
  return (entry === undefined ? undefined : plain(entry.trim())) ?? direct()
}

/** Without port and brackets; an IPv4 address in its own notation. Undefined for what is no address. */
function plain(text: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? withoutPort(text)
  const address = bare.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase()
  return isIP(address) ? address : undefined
}

function withoutPort(text: string): string {
  return /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
}
