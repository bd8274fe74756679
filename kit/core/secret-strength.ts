/** A key for HS256 is to have at least the 256 bits of its hash (RFC 7518, 3.2). */
export const minSecretLength = 32

/**
 * The words of which the secrets in guides, templates and examples are made: a secret of nothing else, whatever
 * digits and signs fill it up, is no secret (`your-secret-key-change-in-production-123456`).
 */
const words = `
  abcdefghijklmnopqrstuvwxyz abcdef admin and any app at auth backend better bit cat change changed char
  character characters chars db default demo dev development do example fallback fastapi flask for
  generate generated hackathon here hs in insecure is it jwt keep key keyboard least local long make
  me min minimum more must my need needs node not of only openssl or pass passphrase password phase placeholder please
  plinth prod production project qwerty qwertyuiop rand random real replace safe sample secret secrets
  secure server session set shared should sign signing some something string strong super test testing that the this
  to todo token top unsafe use used value very with you your
`
  .trim()
  .split(/\s+/)

/** Why a secret is no secret in production; undefined where nothing is known against it. */
export function weaknessOf(secret: string): string | undefined {
  if (isMadeOfWords(secret)) return 'It is a well-known default.'
  // 32 random hexadecimal digits hold fewer than 8 different ones once in about 10^6 times.
  if (new Set(secret).size < 8) return 'It is made of too few different characters.'
  if (periodOf(secret) <= secret.length / 2) return 'It repeats a short text.'
  return undefined
}

function isMadeOfWords(secret: string): boolean {
  const letters = secret.toLowerCase().replace(/[^a-z]/g, '')
  const unpadded = letters.replace(/([a-z])\1{2,}$/, '')
  const isReached = [true]
  for (let end = 1; end <= unpadded.length; end++)
    isReached[end] = words.some(
      (word) => isReached[end - word.length] === true && unpadded.endsWith(word, end),
    )
  return unpadded.length > 0 && isReached[unpadded.length] === true
}

/** The length of the shortest text that, said again and again (the last time perhaps in part), is this one. */
function periodOf(text: string): number {
  let length = 1
  while (length < text.length && !text.startsWith(text.slice(length))) length++
  return length
}
