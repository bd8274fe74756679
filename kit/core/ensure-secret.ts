import type { Config, DatabaseConfig, ParsedConfig } from './config.ts'
import { codeOf, findKept, keepSecret } from './kept-secrets.ts'
import { Problem } from './problem.ts'

/**
 * The configuration with a secret: the one that was set, else those kept beside the data (mode 0600), of which one is
 * made at the first start. Of several processes that make it at once, all get the same. Throws `unavailable`.
 */
export function ensureSecret(config: ParsedConfig): Config {
  const { secret } = config
  if (secret !== undefined) return Object.freeze({ ...config, secret })
  const file = secretFileOf(config.database)
  try {
    return Object.freeze({ ...config, ...(findKept(file) ?? keepSecret(file)) })
  } catch (error) {
    if (error instanceof Problem || codeOf(error) === undefined) throw error
    throw new Problem(
      'unavailable',
      `The secret that signs tokens cannot be kept in ${file} (${codeOf(error)}). Make the folder writable, or set JWT_SECRET_KEY.`,
      { cause: error },
    )
  }
}

/** Where the secrets of a development server are kept. */
export function secretFileOf(database: DatabaseConfig): string {
  return database.dialect === 'sqlite' ? `${database.file}.secret` : 'data/plinth.secret'
}
