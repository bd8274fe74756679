import {
  type Config,
  makeSecret,
  mostOldSecrets,
  type ParsedConfig,
  rotateKept,
  secretFileOf,
  tooManyOld,
  toSecretList,
} from '#kit/core'
import { defineCommand, type Io, loadConfig, usageFault } from '#kit/tool'

const dayMs = 86_400_000

export const secretRotate = defineCommand({
  name: 'secret rotate',
  summary: 'Make a new secret that signs tokens, and keep the old ones to verify',
  usage: '',
  options: {
    keep: {
      type: 'string',
      value: 'N',
      about: 'How many old secrets verify still; 0 logs everybody out. Default: all',
    },
  },
  notes: [
    'Where the secret is kept beside the data, as in development, the file is rewritten; a server takes it at its next start. Where JWT_SECRET_KEY is set, nothing is changed: what to set is printed, and on standard error in which order.',
    'Nobody is logged out, unless an old secret is left out while its tokens are still good: after a leak, --keep 0.',
  ],
  examples: ['plinth secret rotate', 'plinth secret rotate --keep 0'],
  environment: [
    'PLINTH_ENV',
    'DATABASE_URL',
    'JWT_SECRET_KEY',
    'JWT_SECRET_KEY_FALLBACKS',
    'JWT_REFRESH_TOKEN_EXPIRES',
  ],
  run: async ({ options, io, environment }) => {
    const keepOld = toCount(options.keep)
    const config = loadConfig(environment)
    const { secret } = config
    if (secret === undefined) rewriteKept(config, keepOld, io)
    else printNew({ ...config, secret }, keepOld, io)
    return 0
  },
})

function toCount(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY
  if (/^\d{1,2}$/.test(text) && Number(text) <= mostOldSecrets) return Number(text)
  throw usageFault(`secret rotate: "${text}" is no number from 0 to ${mostOldSecrets}.`)
}

function rewriteKept(config: ParsedConfig, keepOld: number, io: Io): void {
  const file = secretFileOf(config.database)
  const { oldSecrets } = rotateKept(file, keepOld)
  io.out(
    `${file} holds a new secret, which signs from the next start on; ${consequence(oldSecrets)}`,
  )
}

function printNew(config: Config, keepOld: number, io: Io): void {
  const secret = makeSecret()
  const all = [config.secret, ...(config.oldSecrets ?? [])]
  const old = all.slice(0, keepOld)
  if (old.length > mostOldSecrets) throw tooManyOld()
  io.out(variable('JWT_SECRET_KEY', secret))
  io.out(variable('JWT_SECRET_KEY_FALLBACKS', toSecretList(old)))
  io.err(`Set these two and start again; ${consequence(old)}`)
  if (old.length === 0) return
  io.err(
    'Where several processes run, let all of them verify the new one first: start them with it at the head of JWT_SECRET_KEY_FALLBACKS and JWT_SECRET_KEY as it is.',
  )
  const days = Math.ceil(config.refreshTokenMs / dayMs)
  io.err(
    `After ${days} days (JWT_REFRESH_TOKEN_EXPIRES) no token of an old one is good any more: leave it out.`,
  )
}

function consequence({ length }: readonly string[]): string {
  if (length === 0) return 'all have to log in again.'
  const verify = length === 1 ? 'the old one verifies' : `${length} old ones verify`
  return `${verify} still, and nobody is logged out.`
}

/** As a shell and a .env file read it. */
function variable(name: string, value: string): string {
  const isPlain = /^[\w.,:/+=@-]*$/.test(value)
  return `${name}=${isPlain ? value : `'${value.replaceAll("'", "'\\''")}'`}`
}
