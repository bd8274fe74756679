import { passwords, type ReportHeaders, throttling } from '#kit/auth'
import { type Config, type Ids, Problem, toInstant } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import type { Client, Use } from '#kit/http'
import type { Role } from '#kit/model'
import { registrationKey, registrationQuota } from './limits.ts'
import { Invite, User } from './model.ts'
import { hashCode } from './random-secrets.ts'
import { assertLongEnough, type UserRow } from './rules.ts'
import { type SignedSession, signSession } from './sessions.ts'

export interface Registration {
  readonly username?: string | null | undefined
  readonly email?: string | null | undefined
  readonly name?: string | null | undefined
  readonly password: string
  readonly invite?: string | null | undefined
}

interface PrepareRequest {
  readonly system: BoundRepositories
  readonly use: Use
  readonly ids: Ids
  readonly nowMs: () => number
  readonly config: Config
  readonly client: Client
  readonly addHeaders: ReportHeaders
  readonly body: Registration
}

export interface PreparedRegistration {
  readonly hash: string
  readonly signed: SignedSession
}

/** Checks whether somebody may register, and does what takes time. */
export async function prepareRegistration(request: PrepareRequest): Promise<PreparedRegistration> {
  const { body, config, use, client } = request
  if (config.registration === 'closed')
    throw new Problem('forbidden', 'Registration is closed. Ask an admin for an account.')
  assertLongEnough('password', body.password, config.passwordMinLength)
  const quota = registrationQuota(config.registrationLimit)
  await use(throttling).spend(registrationKey(client.address), quota, request.addHeaders)
  await findInvite(request)
  const hash = await use(passwords).hash(body.password)
  return { hash, signed: await signSession(request, request.ids.uuid()) }
}

export interface RegisterRequest {
  readonly system: BoundRepositories
  readonly nowMs: () => number
  readonly config: Config
  readonly body: Registration
  readonly prepared: PreparedRegistration
}

/** Makes the account, and uses up the invite. */
export async function register(request: RegisterRequest): Promise<UserRow> {
  const { system, body, prepared } = request
  const now = toInstant(request.nowMs())
  const invite = await findInvite(request)
  const user = await system(User).create({
    id: prepared.signed.userId,
    username: body.username,
    email: body.email,
    name: body.name,
    role: invite?.role,
    password_hash: prepared.hash,
    last_login: now,
  })
  if (invite) await system(Invite).change(invite.id, { used_by: user.id, used_at: now })
  return user
}

interface Invited {
  readonly id: string
  readonly role: Role
}

/** The invite that was shown; undefined where none was, nor is needed. Throws `forbidden` for one that is no good. */
async function findInvite({
  system,
  nowMs,
  config,
  body,
}: Pick<RegisterRequest, 'system' | 'nowMs' | 'config' | 'body'>): Promise<Invited | undefined> {
  if (!body.invite) {
    if (config.registration !== 'invite') return undefined
    throw new Problem('forbidden', 'Registration is by invitation: send the code as "invite".')
  }
  const invite = await system(Invite).find({
    code_hash: hashCode(body.invite),
    used_at: null,
    expires_at: { gt: toInstant(nowMs()) },
  })
  if (!invite) throw new Problem('forbidden', 'This invite is not known, was used, or has expired.')
  return invite
}
