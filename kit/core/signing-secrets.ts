import type { Config } from './config.ts'
import type { ConfigReader } from './config-reader.ts'
import { minSecretLength, weaknessOf } from './secret-strength.ts'

const makeSecret = 'Make one with: openssl rand -base64 32.'

/** How many secrets may verify beside the one that signs: each costs a token of nobody's a look. */
export const mostOldSecrets = 10

export interface SigningSecrets {
  readonly secret: string | undefined
  readonly oldSecrets: readonly string[]
  readonly betterAuthSecret: string | undefined
}

interface Named {
  readonly name: string
  readonly text: string
}

/** The secrets that sign or verify tokens: each strong, and no two the same, since a key says whose a token is. */
export function readSecrets(reader: ConfigReader, env: Config['env']): SigningSecrets {
  const own = readOwn(reader, env)
  const old = readOld(reader, own !== undefined)
  const betterAuth = reader.find(['BETTER_AUTH_SECRET'])
  const all = [...(own ? [own] : []), ...old, ...(betterAuth ? [betterAuth] : [])]
  for (const each of all) assertStrong(reader, each, env)
  assertDifferent(reader, all)
  return {
    secret: own?.text,
    oldSecrets: Object.freeze(old.map(({ text }) => text)),
    betterAuthSecret: betterAuth?.text,
  }
}

function readOwn(reader: ConfigReader, env: Config['env']): Named | undefined {
  const own = reader.find(['JWT_SECRET_KEY', 'SECRET_KEY'])
  if (env === 'production' && own === undefined)
    reader.fault('JWT_SECRET_KEY', 'It is not set, and production has no default.', makeSecret)
  return own
}

function readOld(reader: ConfigReader, hasOwn: boolean): Named[] {
  const found = reader.find(['JWT_SECRET_KEY_FALLBACKS', 'SECRET_KEY_FALLBACKS'])
  if (found === undefined) return []
  const { name } = found
  const texts = fromList(found.text)
  if (texts === undefined) {
    const repair = 'Set old secrets separated by commas, or, where one holds a comma, a JSON array.'
    reader.fault(name, 'It is no list of secrets.', repair)
    return []
  }
  if (!hasOwn) reader.fault(name, 'There is no newer secret.', 'Set JWT_SECRET_KEY beside it.')
  if (texts.length > mostOldSecrets)
    reader.fault(name, `It holds more than ${mostOldSecrets}.`, 'Leave the oldest out.')
  return texts.map((text) => ({ name, text }))
}

/** Secrets separated by commas; or, since a passphrase may hold one, a JSON array of texts. */
function fromList(text: string): readonly string[] | undefined {
  if (!text.startsWith('["')) return text.split(',').map((each) => each.trim())
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((each) => typeof each === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

/** As `JWT_SECRET_KEY_FALLBACKS` takes them. */
export function toSecretList(secrets: readonly string[]): string {
  const isPlain = secrets.every((each) => !each.includes(',') && !each.startsWith('["'))
  return isPlain ? secrets.join(',') : JSON.stringify(secrets)
}

function assertStrong(reader: ConfigReader, { name, text }: Named, env: Config['env']): void {
  const isShort = text.length < minSecretLength
  const weakness = env === 'production' ? weaknessOf(text) : undefined
  const problems = [
    ...(isShort ? [`It is shorter than ${minSecretLength} characters.`] : []),
    ...(weakness ? [weakness] : []),
  ]
  if (problems.length > 0) reader.fault(name, problems.join(' '), makeSecret)
}

function assertDifferent(reader: ConfigReader, all: readonly Named[]): void {
  const names = new Map<string, string>()
  for (const { name, text } of all) {
    const other = names.get(text)
    if (other === undefined) names.set(text, name)
    else if (other === name)
      reader.fault(name, 'It holds the same secret twice.', 'Leave one of them out.')
    else
      reader.fault(
        name,
        `It is the same secret as ${other}.`,
        'No two may be: leave it out here, or make another.',
      )
  }
}
