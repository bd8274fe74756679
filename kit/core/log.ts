import pino from 'pino'

export type Log = pino.Logger

const secretKeys = [
  'password',
  'pin',
  'token',
  'refresh_token',
  'authorization',
  'cookie',
  'secret',
]

/** A JSON-lines logger that never prints the value of a key that holds a secret. */
export function createLog(level: string, destination?: { write(line: string): void }): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[secret]' },
  }
  return destination
    ? pino(options, destination)
    : pino(options, pino.destination({ fd: 2, sync: true }))
}
