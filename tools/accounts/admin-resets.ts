import { z } from 'zod'
import { passwords } from '#kit/auth'
import { Problem } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import { defineRoute, idParam, type Use } from '#kit/http'
import { toRowSchema } from '#kit/model'
import { User } from './model.ts'
import { randomPassword, randomPin } from './random-secrets.ts'
import { passwordSlot, pinSlot, type SecretSlot, type UserRow } from './rules.ts'
import { endSessions } from './sessions.ts'

const path = '/api/admin/users/:id'
const params = { id: idParam(User) }

interface ResetRequest {
  readonly everyone: BoundRepositories
  readonly params: { readonly id: string }
  readonly nowMs: () => number
}

interface PreparedReset {
  readonly secret: string
  readonly hash: string
}

/** Puts a temporary secret in the place of the user's own, and ends his sessions. */
async function reset(
  { everyone, params: { id }, nowMs }: ResetRequest,
  slot: SecretSlot,
  { hash }: PreparedReset,
): Promise<UserRow> {
  const user = await everyone(User).change(id, { [slot.hash]: hash, [slot.state]: 'temporary' })
  await endSessions(everyone, id, nowMs())
  return user
}

async function prepareReset(use: Use, secret: string): Promise<PreparedReset> {
  return { secret, hash: await use(passwords).hash(secret) }
}

/** Only staff can change a PIN, and only with a partner number is it good for anything. */
function assertTakesPin(user: UserRow): void {
  if (user.partner_number === null)
    throw new Problem('conflict', 'This user has no partner number to log in with.')
  if (user.role === 'user')
    throw new Problem('conflict', 'PINs are for staff: give this user the role "staff" first.')
}

export const resetRoutes = [
  defineRoute({
    name: 'admin.user.reset_password',
    summary: 'Give a user a temporary password',
    description: 'It is good for one log-in, after which the user must change it.',
    access: 'admin',
    method: 'POST',
    path: `${path}/reset-password`,
    params,
    entity: User,
    result: z.object({ user: toRowSchema(User), temporary_password: z.string() }),
    problems: ['not_found', 'unavailable'],
    prepare: async ({ everyone, params: { id }, use }) => {
      await everyone(User).get(id)
      return prepareReset(use, randomPassword())
    },
    handle: async (request) => ({
      user: await reset(request, passwordSlot, request.prepared),
      temporary_password: request.prepared.secret,
    }),
  }),
  defineRoute({
    name: 'admin.user.reset_pin',
    summary: 'Give a member of staff a temporary PIN',
    description: 'It is good for one log-in, after which it must be changed.',
    access: 'admin',
    method: 'POST',
    path: `${path}/reset-pin`,
    params,
    entity: User,
    result: z.object({ user: toRowSchema(User), temporary_pin: z.string() }),
    problems: ['not_found', 'conflict', 'unavailable'],
    prepare: async ({ everyone, params: { id }, use }) => {
      assertTakesPin(await everyone(User).get(id))
      return prepareReset(use, randomPin())
    },
    handle: async (request) => ({
      user: await reset(request, pinSlot, request.prepared),
      temporary_pin: request.prepared.secret,
    }),
  }),
]
