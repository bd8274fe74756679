import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Config, DatabaseConfig, ParsedConfig } from './config.ts'
import { Problem } from './problem.ts'
import { minSecretLength } from './secret-strength.ts'

/**
 * The configuration with a secret: the one that was set, else the one kept beside the data (mode 0600), which is made
 * at the first start. Of several processes that make it at once, all get the same. Throws `unavailable`.
 */
export function ensureSecret(config: ParsedConfig): Config {
  const { secret } = config
  if (secret !== undefined) return Object.freeze({ ...config, secret })
  const file = secretFileOf(config.database)
  try {
    return Object.freeze({ ...config, secret: findKept(file) ?? keep(file) })
  } catch (error) {
    if (error instanceof Problem || codeOf(error) === undefined) throw error
    throw new Problem(
      'unavailable',
      `The secret that signs tokens cannot be kept in ${file} (${codeOf(error)}). Make the folder writable, or set JWT_SECRET_KEY.`,
      { cause: error },
    )
  }
}

/** Where the secret of a development server is kept. */
export function secretFileOf(database: DatabaseConfig): string {
  return database.dialect === 'sqlite' ? `${database.file}.secret` : 'data/plinth.secret'
}

function findKept(file: string): string | undefined {
  try {
    const secret = readFileSync(file, 'utf8').trim()
    if (secret.length < minSecretLength)
      throw new Problem(
        'unavailable',
        `${file} holds no secret of ${minSecretLength} characters. Delete it, and one is made; all have to log in again.`,
      )
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
    return secret
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Writes a new secret under a name of its own and then gives it its name, which only the first to try can do. */
function keep(file: string): string {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    writeNew(draft, `${randomBytes(32).toString('base64url')}\n`)
    linkSync(draft, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return findKept(file) ?? keep(file)
}

function writeNew(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
