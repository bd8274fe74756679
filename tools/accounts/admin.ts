import { z } from 'zod'
import { passwords } from '#kit/auth'
import { invalidInput, type Problem, toInstant } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import { defineRoute, idParam, listQuery, message, pageOf } from '#kit/http'
import { instantSchema, roles } from '#kit/model'
import { resetRoutes } from './admin-resets.ts'
import { adminPatchBody, createUserBody, inviteBody } from './bodies.ts'
import { Invite, User } from './model.ts'
import { hashCode, randomCode } from './random-secrets.ts'
import {
  type AdminPatch,
  assertLongEnough,
  assertNotLastAdmin,
  assertNotSelf,
  assertReachable,
  losesAdmin,
} from './rules.ts'
import { endSessions } from './sessions.ts'
import { userView } from './views.ts'

const path = '/api/admin/users'
const params = { id: idParam(User) }

const userList = listQuery(User, {
  filters: ['role', 'is_active'],
  search: ['username', 'email', 'name', 'partner_number'],
  sort: ['created_at', 'updated_at'],
})

interface ChangeRequest {
  readonly everyone: BoundRepositories
  readonly params: { readonly id: string }
  readonly actor: { readonly id: string }
  readonly nowMs: () => number
}

/** Changes a user, as long as an active admin is left; ends the sessions of one who is deactivated. */
async function changeUser({ everyone, params: { id }, nowMs }: ChangeRequest, patch: AdminPatch) {
  const before = await everyone(User).get(id)
  if (losesAdmin(before, patch))
    assertNotLastAdmin(await everyone(User).count({ role: 'admin', is_active: true }))
  const { name, email } = patch
  if (email === null) assertReachable({ ...before, email })
  const changes = { name, email, role: patch.role, is_active: patch.is_active }
  const user = await everyone(User).change(id, changes)
  if (!user.is_active) await endSessions(everyone, id, nowMs())
  return user
}

const userRoutes = [
  defineRoute({
    name: 'admin.user.list',
    summary: 'List users',
    access: 'admin',
    method: 'GET',
    path,
    query: userList.query,
    result: pageOf(User),
    handle: ({ everyone, query }) => everyone(User).list(userList.toOptions(query)),
  }),
  defineRoute({
    name: 'admin.user.create',
    summary: 'Create a user',
    access: 'admin',
    method: 'POST',
    path,
    body: createUserBody,
    result: userView,
    status: 201,
    problems: ['conflict', 'unavailable'],
    prepare: async ({ body, config, use }) => {
      assertReachable(body)
      if (body.pin && !body.partner_number) throw pinAlone()
      assertLongEnough('password', body.password ?? undefined, config.passwordMinLength)
      const hash = async (secret: string | null | undefined) =>
        secret ? use(passwords).hash(secret) : null
      return { password_hash: await hash(body.password), pin_hash: await hash(body.pin) }
    },
    handle: ({ everyone, body, prepared }) => {
      const { password: _, pin: __, ...fields } = body
      return everyone(User).create({ ...fields, ...prepared })
    },
  }),
  defineRoute({
    name: 'admin.user.get',
    summary: 'Get a user',
    access: 'admin',
    method: 'GET',
    path: `${path}/:id`,
    params,
    result: userView,
    problems: ['not_found'],
    handle: ({ everyone, params: { id } }) => everyone(User).get(id),
  }),
  defineRoute({
    name: 'admin.user.change',
    summary: 'Change a user',
    access: 'admin',
    method: 'PATCH',
    path: `${path}/:id`,
    params,
    body: adminPatchBody,
    result: userView,
    problems: ['not_found', 'conflict'],
    handle: async (request) => {
      const user = await changeUser(request, request.body)
      // Only now: the last admin hears that he is the last.
      if (!user.is_active) assertNotSelf(request.actor.id, user.id)
      return user
    },
  }),
  defineRoute({
    name: 'admin.user.remove',
    summary: 'Deactivate a user and end his sessions',
    access: 'admin',
    method: 'DELETE',
    path: `${path}/:id`,
    params,
    entity: User,
    result: message('User deleted'),
    problems: ['not_found', 'conflict'],
    handle: (request) => {
      assertNotSelf(request.actor.id, request.params.id)
      return changeUser(request, { is_active: false })
    },
  }),
  defineRoute({
    name: 'admin.user.restore',
    summary: 'Bring back a deactivated user',
    access: 'admin',
    method: 'POST',
    path: `${path}/:id/restore`,
    params,
    result: userView,
    problems: ['not_found'],
    handle: (request) => changeUser(request, { is_active: true }),
  }),
]

const inviteView = z
  .object({ code: z.string(), role: z.enum(roles), expires_at: instantSchema })
  .meta({ id: 'Invite' })

const inviteRoutes = [
  defineRoute({
    name: 'admin.invite.create',
    summary: 'Make an invite',
    description: 'Its code is shown this once. It is good for one registration.',
    access: 'admin',
    method: 'POST',
    path: '/api/admin/invites',
    body: inviteBody,
    result: inviteView,
    status: 201,
    prepare: () => randomCode(),
    handle: async ({ everyone, actor, body, prepared: code, nowMs }) => {
      const { role, expires_at } = await everyone(Invite).create({
        code_hash: hashCode(code),
        role: body.role,
        expires_at: toInstant(nowMs() + body.expires_in * 1000),
        invited_by: actor.id,
      })
      return { code, role, expires_at }
    },
  }),
]

/** What admins do with accounts. */
export const adminRoutes = [...userRoutes, ...resetRoutes, ...inviteRoutes]

function pinAlone(): Problem {
  const message = 'Is needed with a PIN.'
  return invalidInput([{ path: 'partner_number', code: 'required', message }])
}
