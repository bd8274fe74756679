import { parseArgs } from 'node:util'

/** The parts of the bench, by the name that `--only` takes. */
export const partNames = [
  'read',
  'list',
  'create',
  'login',
  'refresh',
  'start',
  'memory',
  'growth',
  'audit',
  'postgres-read',
  'postgres-list',
  'postgres-create',
  'postgres-audit',
  'shop-count',
  'shop-pull-list',
  'shop-suggest',
  'copy',
  'migrate',
] as const

export type PartName = (typeof partNames)[number]

/** Run where they are named, and not otherwise: they take long. */
const optional: ReadonlySet<PartName> = new Set(['copy', 'migrate'])

const onPostgres: readonly PartName[] = [
  'postgres-read',
  'postgres-list',
  'postgres-create',
  'postgres-audit',
]

/** These take a PostgreSQL server. */
export const needPostgres: ReadonlySet<PartName> = new Set([...onPostgres, ...optional])

/**
 * How long a server is loaded before it is measured. Bun goes on compiling what runs often for many seconds; the figures
 * are to be those of a server that has been up for a while.
 */
export interface WarmUp {
  /** Before the first round of each server with each kind of request. */
  readonly firstSeconds: number
  /** Before its other rounds. */
  readonly laterSeconds: number
}

export interface Options {
  readonly connections: number
  /** How long one run is measured. */
  readonly seconds: number
  readonly warmUp: WarmUp
  /** How often each server is loaded with the same. */
  readonly rounds: number
  readonly only: ReadonlySet<PartName>
  readonly isQuick: boolean
}

/** In lines of five, where the texts about options stand. */
function columnOf(names: readonly string[]): string {
  const lines = Array.from({ length: Math.ceil(names.length / 5) }, (_, line) =>
    names.slice(line * 5, line * 5 + 5).join(', '),
  )
  return lines.map((line) => `${' '.repeat(20)}${line}`).join(',\n')
}

export const help = `Measures Plinth beside a bare server on the same machine.

  npm run bench -- [options]

  --quick           a short run: fewer and shorter rounds
  --connections N   connections at once (default 32)
  --seconds N       how long each run is measured (default 4; quick 1.5)
  --rounds N        runs of each server, interleaved (default 7; quick 3)
  --only A,B        these parts alone:
${columnOf(partNames)};
                    ${[...optional].join(' and ')} run only where they are named
  --postgres        all postgres-… alone
  --help            this text

Every server is warmed up alike before it is measured: for 8 s before its first round with each kind of request (quick 3),
for 1 s before each later one. Requests that are counted and not timed (log-in) go without.

Targets are printed beside what was measured. Nothing fails on them.`

/** Reads the arguments. Undefined where help is asked for; throws with a line for people where they are wrong. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      connections: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      postgres: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const usual = values.quick
    ? { seconds: 1.5, warmUp: { firstSeconds: 3, laterSeconds: 1 }, rounds: 3 }
    : { seconds: 4, warmUp: { firstSeconds: 8, laterSeconds: 1 }, rounds: 7 }
  return {
    connections: readNumber('connections', values.connections, { usual: 32, most: 1000 }),
    seconds: readNumber('seconds', values.seconds, { usual: usual.seconds, most: 600 }),
    warmUp: usual.warmUp,
    rounds: readNumber('rounds', values.rounds, { usual: usual.rounds, most: 100 }),
    only: readParts(values.only ?? (values.postgres ? onPostgres.join() : undefined)),
    isQuick: values.quick,
  }
}

interface Range {
  readonly usual: number
  readonly most: number
}

function readNumber(name: string, text: string | undefined, { usual, most }: Range): number {
  if (text === undefined) return usual
  const value = Number(text)
  const isWhole = name === 'seconds' || Number.isInteger(value)
  if (value > 0 && value <= most && isWhole) return value
  throw new Error(`--${name} is "${text}"; it must be a number up to ${most}.`)
}

function readParts(text: string | undefined): ReadonlySet<PartName> {
  if (text === undefined) return new Set(partNames.filter((name) => !optional.has(name)))
  const names = text.split(',').map((name) => name.trim())
  const wrong = names.filter((name) => !partNames.some((part) => part === name))
  if (wrong.length > 0)
    throw new Error(`--only names ${wrong.join(', ')}; there are ${partNames.join(', ')}.`)
  return new Set(partNames.filter((part) => names.includes(part)))
}
