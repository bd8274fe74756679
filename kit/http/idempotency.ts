import { defineProblem, fromInstant, Problem } from '#kit/core'
import { bindSystem, type Database, type Unit } from '#kit/db'
import { anonymous, type Row } from '#kit/model'
import type { Answer } from './exchange.ts'
import { createFingerprint, type Fingerprint, type FingerprintOf } from './fingerprint.ts'
import { IdempotencyKey } from './idempotency-key.ts'
import { createSeal, type Seal } from './seal.ts'
import type { ServiceContext } from './service.ts'

/** An answer is good for so long. */
export const idempotencyKeptMs = 24 * 60 * 60 * 1000

/** Another code's status may be the tool's to choose; this one is the same in every tool. */
export const keyReused = defineProblem('invalid', 422, 'Invalid input')

/** One request with a key: whose, for which route, and what it asks. */
export interface KeyedRequest {
  readonly actorId: string
  readonly route: string
  readonly key: string
  readonly fingerprint: Fingerprint
}

export interface Idempotency {
  readonly fingerprintOf: FingerprintOf
  /**
   * Answers what was answered to this key before, or runs `perform`, which must call `store` with its
   * answer inside the unit of work that the answer tells of.
   */
  readonly run: (
    keyed: KeyedRequest,
    perform: (store: (unit: Unit, answer: Answer) => Promise<void>) => Promise<Answer>,
  ) => Promise<Answer>
}

type Stored = Row<typeof IdempotencyKey>

/** The keys of one app. */
export function createIdempotency({ database, clock, ...context }: ServiceContext): Idempotency {
  const { secret, oldSecrets = [] } = context.config
  const seal = createSeal([secret, ...oldSecrets], 'plinth idempotency')
  const running = new Set<string>()
  const keysOf = (executor: Unit | Database['reader']) =>
    bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })(IdempotencyKey)

  const isKept = ({ created_at }: Stored) =>
    fromInstant(created_at) > clock.nowMs() - idempotencyKeptMs

  const store = async (unit: Unit, row: Omit<Stored, 'id' | 'created_at' | 'updated_at'>) => {
    const keys = keysOf(unit)
    const before = await keys.find({ actor_id: row.actor_id, route: row.route, key: row.key })
    // Another process was faster: everything of this unit is undone, its answer can be asked for.
    if (before && isKept(before)) throw stillRunning()
    if (before) await keys.remove(before.id)
    await keys.create({ id: context.ids.uuid(), ...row }).catch(throwRunning)
  }

  return {
    fingerprintOf: createFingerprint([secret, ...oldSecrets]),
    run: async (keyed, perform) => {
      const { actorId, route, key } = keyed
      const id = `${actorId} ${route} ${key}`
      if (running.has(id)) throw stillRunning()
      running.add(id)
      try {
        const stored = await keysOf(database.reader).find({ actor_id: actorId, route, key })
        if (stored && isKept(stored)) return toReplay(stored, keyed, seal)
        return await perform((unit, answer) => store(unit, toStored(keyed, answer, seal)))
      } finally {
        running.delete(id)
      }
    },
  }
}

/** The key that a POST was sent with. Throws `invalid` for one that is no key. */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const key = headers.get('idempotency-key')
  if (key === null || /^[\x20-\x7e]{1,255}$/.test(key)) return key ?? undefined
  const message = 'Must have 1 to 255 printable ASCII characters.'
  throw new Problem('invalid', `Idempotency-Key: ${message}`, {
    errors: [{ path: 'Idempotency-Key', code: 'invalid', message }],
  })
}

function toStored({ actorId, route, key, fingerprint }: KeyedRequest, answer: Answer, seal: Seal) {
  const { status, headers, body } = answer
  return {
    actor_id: actorId,
    route,
    key,
    fingerprint: fingerprint.text,
    status,
    headers: { ...headers },
    body: seal.close(typeof body === 'string' ? body : ''),
  }
}

function toReplay(stored: Stored, { fingerprint }: KeyedRequest, seal: Seal): Answer {
  if (!fingerprint.isOf(stored.fingerprint))
    throw new Problem(
      keyReused,
      'This Idempotency-Key was sent before with another request. Use a new key for each request.',
    )
  const body = seal.open(stored.body)
  if (body === undefined)
    throw new Problem(
      'conflict',
      'This request was carried out, but its answer cannot be read any more.',
    )
  return {
    status: stored.status,
    type: 'application/json',
    body,
    headers: { ...stored.headers, 'idempotency-replayed': 'true' },
  }
}

/** Another process stores the same key at this moment. */
function throwRunning(error: unknown): never {
  throw error instanceof Problem && error.kind.code === 'conflict' ? stillRunning(error) : error
}

function stillRunning(cause?: unknown): Problem {
  return new Problem(
    'conflict',
    'The request with this Idempotency-Key is still running. Try again shortly.',
    { cause, headers: { 'retry-after': '1' } },
  )
}
