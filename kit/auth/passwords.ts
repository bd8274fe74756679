import { availableParallelism } from 'node:os'
import { invalidInput } from '#kit/core'
import { defineService } from '#kit/http'
import { createBoundedQueue } from './bounded-queue.ts'

/** bcrypt reads no more; what is longer would be cut, or hashed in a way no other bcrypt knows. */
export const maxSecretBytes = 72

/** Hashes and verifies passwords and PINs, off the event loop and only a few at once. */
export interface Passwords {
  /** A bcrypt hash. Throws `invalid` for a secret of more than 72 bytes of UTF-8. */
  hash(secret: string): Promise<string>
  /**
   * Whether this is the secret of the hash: bcrypt of any spelling, or argon2id. Without a hash it takes the same
   * time and answers false, so that nobody learns by the clock who has an account.
   */
  verify(secret: string, hash: string | null | undefined): Promise<boolean>
}

export interface PasswordOptions {
  /** Rounds of bcrypt, as a power of two. Default 12; tests use 4. */
  readonly cost?: number
}

export function fitsBcrypt(secret: string): boolean {
  return Buffer.byteLength(secret) <= maxSecretBytes
}

/** Throws `unavailable` with `Retry-After` where too many wait for their turn. */
export function createPasswords({ cost = 12 }: PasswordOptions = {}): Passwords {
  const cores = availableParallelism()
  // At cost 12 a core does about four a second: the last in the queue waits ten seconds.
  const enqueue = createBoundedQueue({ running: cores, waiting: cores * 40, retryAfterSeconds: 10 })
  const dummy = dummyHash(cost)
  return Object.freeze({
    hash: async (secret: string) => {
      if (!fitsBcrypt(secret)) throw tooLong()
      return enqueue(() => Bun.password.hash(secret, { algorithm: 'bcrypt', cost }))
    },
    verify: (secret: string, hash: string | null | undefined) => {
      const isPossible = hash != null && (fitsBcrypt(secret) || !isBcrypt(hash))
      const [given, wanted] = isPossible ? [secret, hash] : ['no secret', dummy]
      return enqueue(async () => (await Bun.password.verify(given, wanted)) && isPossible)
    },
  })
}

/** The passwords of this server. */
export const passwords = defineService('passwords', () => createPasswords())

function isBcrypt(hash: string): boolean {
  return /^\$2[abxy]?\$/.test(hash)
}

/** Well-formed, and the hash of no known secret: what costs time is the salt and the rounds alone. */
function dummyHash(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
}

function tooLong() {
  const message = `Must have at most ${maxSecretBytes} bytes in UTF-8.`
  return invalidInput([{ path: '', code: 'too_long', message }])
}
