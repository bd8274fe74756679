import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Problem } from './problem.ts'
import { minSecretLength } from './secret-strength.ts'
import { mostOldSecrets } from './signing-secrets.ts'

/** The secrets of a development server, which are kept in a file: one a line, the newest first. */
export interface KeptSecrets {
  readonly secret: string
  readonly oldSecrets: readonly string[]
}

export function makeSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Undefined where there is no such file. Throws `unavailable` for one that holds no secret. */
export function findKept(file: string): KeptSecrets | undefined {
  try {
    const [secret = '', ...oldSecrets] = readFileSync(file, 'utf8').trim().split('\n')
    if ([secret, ...oldSecrets].some((each) => each.length < minSecretLength))
      throw new Problem(
        'unavailable',
        `${file} holds no secret of ${minSecretLength} characters. Delete it, and one is made; all have to log in again.`,
      )
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
    return { secret, oldSecrets }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Writes a new secret under a name of its own and then gives it its name, which only the first to try can do. */
export function keepSecret(file: string): KeptSecrets {
  mkdirSync(dirname(file), { recursive: true })
  withDraft(file, [makeSecret()], (draft) => {
    try {
      linkSync(draft, file)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  })
  return findKept(file) ?? keepSecret(file)
}

/**
 * Puts a new secret before those that are kept, of which `keepOld` stay; the file is whole at every instant. Throws
 * `conflict` where more would stay than may.
 */
export function rotateKept(file: string, keepOld = Number.POSITIVE_INFINITY): KeptSecrets {
  const before = findKept(file) ?? keepSecret(file)
  const oldSecrets = [before.secret, ...before.oldSecrets].slice(0, keepOld)
  if (oldSecrets.length > mostOldSecrets) throw tooManyOld()
  const secret = makeSecret()
  withDraft(file, [secret, ...oldSecrets], (draft) => renameSync(draft, file))
  return { secret, oldSecrets }
}

export function tooManyOld(): Problem {
  const detail = `More than ${mostOldSecrets} old secrets would be kept. Say how many: --keep ${mostOldSecrets}.`
  return new Problem('conflict', detail)
}

function withDraft(file: string, secrets: readonly string[], use: (draft: string) => void): void {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    writeNew(draft, `${secrets.join('\n')}\n`)
    use(draft)
  } finally {
    rmSync(draft, { force: true })
  }
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

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
