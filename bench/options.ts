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
  'postgres-read',
  'postgres-list',
  'postgres-create',
  'copy',
  'migrate',
] as const

export type PartName = (typeof partNames)[number]

/** Run where they are named, and not otherwise: they take long. */
const optional: ReadonlySet<PartName> = new Set(['copy', 'migrate'])

const onPostgres: readonly PartName[] = ['postgres-read', 'postgres-list', 'postgres-create']

/** These take a PostgreSQL server. */
export const needPostgres: ReadonlySet<PartName> = new Set([...onPostgres, ...optional])

export interface Options {
  readonly connections: number
  /** How long one run is measured. */
  readonly seconds: number
  readonly warmUpSeconds: number
  /** How often each server is loaded with the same. */
  readonly rounds: number
  readonly only: ReadonlySet<PartName>
  readonly isQuick: boolean
}

export const help = `Measures Plinth beside a bare server on the same machine.

  npm run bench -- [options]

  --quick           a short run: fewer and shorter rounds
  --connections N   connections at once (default 32)
  --seconds N       how long each run is measured (default 4; quick 1.5)
  --rounds N        runs of each server, interleaved (default 7; quick 3)
  --only A,B        these parts alone: ${partNames.join(', ')};
                    ${[...optional].join(' and ')} run only where they are named
  --postgres        what there is on PostgreSQL alone: ${onPostgres.join(', ')}
  --help            this text

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
    ? { seconds: 1.5, warmUpSeconds: 1.5, rounds: 3 }
    : { seconds: 4, warmUpSeconds: 1, rounds: 7 }
  return {
    connections: readNumber('connections', values.connections, { usual: 32, most: 1000 }),
    seconds: readNumber('seconds', values.seconds, { usual: usual.seconds, most: 600 }),
    warmUpSeconds: usual.warmUpSeconds,
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
