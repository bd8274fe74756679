import { hkdfSync } from 'node:crypto'

/** What a request asks: the same for a repetition, another for another body or another row. */
export interface Fingerprint {
  /** As it is kept. */
  readonly text: string
  /** Whether this was kept of the same request, under whichever of the server's secrets. */
  readonly isOf: (kept: string) => boolean
}

export type FingerprintOf = (params: unknown, search: string, body: Uint8Array) => Fingerprint

/** With a key of the newest secret: a plain hash of a body that holds a PIN could be found by trying all of them. */
export function createFingerprint(secrets: readonly [string, ...string[]]): FingerprintOf {
  const toKey = (secret: string) =>
    new Uint8Array(hkdfSync('sha256', secret, '', 'plinth fingerprint', 32))
  const newest = toKey(secrets[0])
  const older = secrets.slice(1).map(toKey)
  return (params, search, body) => {
    const asked = JSON.stringify([params, search])
    const hash = (key: Uint8Array) =>
      new Bun.CryptoHasher('sha256', key).update(asked).update(body).digest('hex')
    const text = hash(newest)
    return { text, isOf: (kept) => kept === text || older.some((key) => hash(key) === kept) }
  }
}
