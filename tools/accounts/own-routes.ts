import { toInstant } from '#kit/core'
import { defineRoute, idParam, listQuery, message } from '#kit/http'
import { changePasswordBody, changePinBody, ownPatchBody } from './bodies.ts'
import { finishChange, prepareChange } from './change-secret.ts'
import { Session, User } from './model.ts'
import { assertLongEnough, changeOwn, passwordSlot, pinSlot } from './rules.ts'
import { sessionsView, userView } from './views.ts'

const sessionList = listQuery(Session)

/** What one does with one's own account. */
export const ownRoutes = [
  defineRoute({
    name: 'auth.me',
    summary: 'Who am I',
    access: 'user',
    method: 'GET',
    path: '/api/auth/me',
    result: userView,
    onHold: 'allowed',
    handle: ({ db, actor }) => db(User).get(actor.id),
  }),
  defineRoute({
    name: 'user.change_own',
    summary: 'Change my name or e-mail address',
    access: 'user',
    method: 'PATCH',
    path: '/api/users/me',
    body: ownPatchBody,
    result: User,
    problems: ['conflict'],
    handle: ({ db, actor, body }) => db(User).change(actor.id, (user) => changeOwn(user, body)),
  }),
  defineRoute({
    name: 'auth.change_password',
    summary: 'Change my password',
    description: 'Ends all other sessions.',
    access: 'user',
    method: 'POST',
    path: '/api/auth/change-password',
    body: changePasswordBody,
    result: message('Password changed'),
    problems: ['forbidden', 'conflict', 'rate_limited', 'unavailable'],
    onHold: 'allowed',
    prepare: (request) => {
      const { current_password: current, new_password: next } = request.body
      assertLongEnough('new_password', next, request.config.passwordMinLength)
      return prepareChange(request, { slot: passwordSlot, current, next, path: 'new_password' })
    },
    handle: (request) => finishChange(request, request.prepared),
  }),
  defineRoute({
    name: 'auth.change_pin',
    summary: 'Change my PIN',
    description: 'Ends all other sessions.',
    access: 'staff',
    method: 'POST',
    path: '/api/auth/change-pin',
    body: changePinBody,
    result: message('PIN changed'),
    problems: ['forbidden', 'conflict', 'rate_limited', 'unavailable'],
    onHold: 'allowed',
    prepare: (request) => {
      const { current_pin: current, new_pin: next } = request.body
      return prepareChange(request, { slot: pinSlot, current, next, path: 'new_pin' })
    },
    handle: (request) => finishChange(request, request.prepared),
  }),
  defineRoute({
    name: 'session.list',
    summary: 'List my sessions',
    access: 'user',
    method: 'GET',
    path: '/api/auth/sessions',
    query: sessionList.query,
    result: sessionsView,
    handle: async ({ db, actor, query, nowMs }) => {
      const where = { expires_at: { gt: toInstant(nowMs()) } }
      const page = await db(Session).list({ ...sessionList.toOptions(query), where })
      const rows = page.rows.map((row) => ({ ...row, current: row.id === actor.sessionId }))
      return { ...page, rows }
    },
  }),
  defineRoute({
    name: 'session.remove',
    summary: 'End one of my sessions',
    access: 'user',
    method: 'DELETE',
    path: '/api/auth/sessions/:id',
    params: { id: idParam(Session) },
    result: message('Session ended'),
    problems: ['not_found'],
    handle: ({ db, params }) => db(Session).remove(params.id),
  }),
]
