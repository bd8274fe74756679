import { z } from 'zod'
import { Problem, toInstant } from '#kit/core'
import { defineRoute, message } from '#kit/http'
import { instantSchema } from '#kit/model'
import { drawCodes, dropExpired } from './codes.ts'
import { CodeClaim, codeSchema } from './model.ts'

/** Time enough to write it on the box. */
const reservedMs = 10 * 60_000
const mostHeld = 100

const reserveRoute = defineRoute({
  name: 'tracking.code.reserve',
  summary: 'Reserve a code for ten minutes',
  access: 'staff',
  method: 'POST',
  path: '/api/tracking/codes',
  status: 201,
  result: z.object({ code: codeSchema, expires_at: instantSchema }),
  problems: ['conflict'],
  handle: async (request) => {
    const { db, actor, nowMs } = request
    await dropExpired(request)
    if ((await db(CodeClaim).count({ reserved_by: actor.id })) >= mostHeld)
      throw new Problem('conflict', `You hold ${mostHeld} codes already. Give some back first.`)
    const [code = ''] = await drawCodes(request, { count: 1 })
    const expires_at = toInstant(nowMs() + reservedMs)
    await db(CodeClaim).create({ code, reserved_by: actor.id, expires_at })
    return { code, expires_at }
  },
})

const releaseRoute = defineRoute({
  name: 'tracking.code.release',
  summary: 'Give back a code that you reserved',
  access: 'staff',
  method: 'DELETE',
  path: '/api/tracking/codes/:code',
  params: { code: codeSchema },
  result: message('Code given back'),
  handle: async (request) => {
    const { db, actor, params } = request
    await dropExpired(request)
    const count = await db(CodeClaim).removeMany({ code: params.code, reserved_by: actor.id })
    if (count === 0) throw new Problem('not_found', `You hold no reservation of ${params.code}.`)
    return undefined
  },
})

export const codeRoutes = [reserveRoute, releaseRoute]
