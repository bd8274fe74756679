import type pino from 'pino'

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export type Log = Pick<pino.Logger, Level | 'isLevelEnabled'> & {
  /** A log each of whose lines holds these values too. */
  readonly child: (bindings: Readonly<Record<string, unknown>>) => Log
}

const secretKeys = [
  'password',
  'pin',
  'token',
  'refresh_token',
  'authorization',
  'cookie',
  'secret',
  'secretAccessKey',
]

/** As pino ranks them. */
const ranks: Readonly<Record<string, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
}

/** A JSON-lines logger that never prints the value of a key that holds a secret. Default: to standard error. */
export function createLog(level: string, destination?: { write(line: string): void }): Log {
  return toLog(level, () => createPino(level, destination))
}

function createPino(level: string, destination?: { write(line: string): void }): pino.Logger {
  // Loaded at the first line: it is a tenth of the time that a server takes to start.
  const { pino } = require('pino') as typeof import('pino')
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[secret]' },
  }
  return pino(options, destination ?? pino.destination({ fd: 2, sync: true }))
}

/** A log that makes its logger for the first line that is to be written. */
function toLog(level: string, create: () => pino.Logger): Log {
  let made: pino.Logger | undefined
  const logger = () => {
    made ??= create()
    return made
  }
  const isLevelEnabled = (name: string) => (ranks[name] ?? 0) >= (ranks[level] ?? 0)
  const writerOf = (name: Level): pino.LogFn =>
    isLevelEnabled(name)
      ? (...parameters: [unknown]) => logger()[name](...parameters)
      : () => undefined
  return Object.freeze({
    isLevelEnabled,
    trace: writerOf('trace'),
    debug: writerOf('debug'),
    info: writerOf('info'),
    warn: writerOf('warn'),
    error: writerOf('error'),
    fatal: writerOf('fatal'),
    child: (bindings: Readonly<Record<string, unknown>>) =>
      toLog(level, () => logger().child(bindings)),
  })
}
