import { createHash, randomBytes, randomInt } from 'node:crypto'

/** Without those that are taken for one another when they are read out. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** A password to be read out and typed: four groups of four, 79 bits. */
export function randomPassword(): string {
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: 4 }, group).join('-')
}

export function randomPin(): string {
  return String(randomInt(10_000)).padStart(4, '0')
}

/** The code of an invite: 128 bits. */
export function randomCode(): string {
  return randomBytes(16).toString('base64url')
}

/** What is kept of a code. It is long and random: there is nothing to guess, so nothing to slow down. */
export function hashCode(code: string): string {
  return createHash('sha256').update(code).digest('hex')
}
