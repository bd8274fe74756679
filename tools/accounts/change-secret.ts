import { passwords, type ReportHeaders, throttling } from '#kit/auth'
import { invalidInput, Problem } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import type { Client, SignedIn, Use } from '#kit/http'
import { attemptKeys } from './limits.ts'
import { Session, User } from './model.ts'
import { changeSecret, type SecretSlot } from './rules.ts'

interface PrepareRequest {
  readonly db: BoundRepositories
  readonly use: Use
  readonly actor: SignedIn
  readonly client: Client
  readonly addHeaders: ReportHeaders
}

export interface SecretChange {
  readonly slot: SecretSlot
  readonly current: string
  readonly next: string
  /** The path of the new secret in the body. */
  readonly path: string
}

export interface PreparedChange {
  readonly slot: SecretSlot
  readonly checked: string
  readonly hash: string
}

/** Checks the current secret, wrong ones counted as at log-in, and hashes the new one. */
export async function prepareChange(
  { db, use, actor, client, addHeaders }: PrepareRequest,
  { slot, current, next, path }: SecretChange,
): Promise<PreparedChange> {
  if (current === next)
    throw invalidInput([{ path, code: 'same', message: 'Must be another than the current one.' }])
  const { [slot.hash]: hash } = await db(User).get(actor.id)
  if (hash === null && actor.subject !== undefined) throw keptElsewhere(slot)
  const checked = await use(throttling).guard(
    { keys: attemptKeys({ userId: actor.id }, client.address), report: addHeaders },
    async () => ((await use(passwords).verify(current, hash)) && hash ? hash : undefined),
  )
  if (!checked) throw new Problem('forbidden', `The current ${slot.word} is wrong.`)
  return { slot, checked, hash: await use(passwords).hash(next) }
}

/** Puts the new secret in its place and ends the user's other sessions. */
export async function finishChange(
  { db, actor }: { readonly db: BoundRepositories; readonly actor: SignedIn },
  prepared: PreparedChange,
): Promise<void> {
  await db(User).change(actor.id, (user) => changeSecret(user, prepared))
  await db.query(Session).deleteFrom('sessions').where('id', '!=', actor.sessionId).execute()
}

function keptElsewhere({ word }: SecretSlot): Problem {
  return new Problem(
    'conflict',
    `You have no ${word} here: you sign in with another issuer, where you can change yours.`,
  )
}
