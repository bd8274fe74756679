import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Seals texts that are kept at rest, since one may hold a temporary password. */
export interface Seal {
  readonly close: (text: string) => string
  /** Undefined where it was sealed with a secret that is none of these, or altered. */
  readonly open: (sealed: string) => string | undefined
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/**
 * AES-256-GCM with keys of its own, derived from the server's secrets (RFC 5869): the first closes, all open.
 */
export function createSeal(secrets: readonly [string, ...string[]], purpose: string): Seal {
  const toKey = (secret: string) => new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32))
  const newest = toKey(secrets[0])
  const keys = [newest, ...secrets.slice(1).map(toKey)]
  return Object.freeze({
    close: (text: string) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, newest, nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
    },
    open: (sealed: string) => {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length < nonceBytes + tagBytes) return undefined
      for (const key of keys) {
        const text = openWith(key, bytes)
        if (text !== undefined) return text
      }
      return undefined
    },
  })
}

function openWith(key: Uint8Array, bytes: Buffer): string | undefined {
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes))
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  try {
    const body = decipher.update(bytes.subarray(nonceBytes + tagBytes))
    return Buffer.concat([body, decipher.final()]).toString('utf8')
  } catch {
    // `final` throws for nothing else than a tag that does not fit.
    return undefined
  }
}
