import { z } from 'zod'
import { Problem } from '#kit/core'
import { bodyOf, type FileToSend, fileForm, fileKeeper, fileResult, versionQuery } from '#kit/files'
import { defineRoute, idParam, message } from '#kit/http'
import { fileOptionsOf } from '#kit/model'
import { User } from './model.ts'
import { UserPicture } from './picture-model.ts'

const field = 'picture'
const limits = fileOptionsOf(UserPicture, field)
const placeOf = (id: string) => ({ table: UserPicture.table, id, field })

const pictureView = z
  .object({ name: z.string(), type: z.string(), size: z.int(), url: z.string() })
  .meta({ id: 'Picture' })

const none = () => new Problem('not_found', 'There is no picture.')

/** One's own picture, and those of others for all who are signed in. */
export const pictureRoutes = [
  defineRoute({
    name: 'user.picture.put',
    summary: 'Bring my picture',
    access: 'user',
    method: 'PUT',
    path: '/api/users/me/picture',
    form: fileForm(limits),
    result: pictureView,
    problems: ['conflict', 'rate_limited', 'unavailable'],
    prepare: (request) =>
      request.use(fileKeeper).bring(bodyOf(request), {
        place: placeOf(request.actor.id),
        options: limits,
        path: `/api/users/${request.actor.id}/picture`,
        actorId: request.actor.id,
      }),
    handle: async ({ db, actor, prepared }) => {
      const picture = prepared.value
      const before = await db(UserPicture).find(actor.id)
      if (before) await db(UserPicture).change(actor.id, { picture })
      else await db(UserPicture).create({ id: actor.id, picture })
      return picture
    },
    abandon: (kept, error) => kept.abandon(error),
  }),
  defineRoute({
    name: 'user.picture.remove',
    summary: 'Remove my picture',
    access: 'user',
    method: 'DELETE',
    path: '/api/users/me/picture',
    result: message('Picture removed'),
    problems: ['not_found'],
    handle: async ({ db, actor }) => {
      if (!(await db(UserPicture).find(actor.id))) throw none()
      await db(UserPicture).remove(actor.id)
    },
  }),
  defineRoute({
    name: 'user.picture.get',
    summary: "Get somebody's picture",
    access: 'user',
    method: 'GET',
    path: '/api/users/:id/picture',
    params: { id: idParam(User) },
    query: { v: versionQuery },
    entity: UserPicture,
    result: fileResult(limits),
    problems: ['not_found'],
    system: 'whether the person is still here, and nothing else of him',
    handle: async ({ db, system, params, use }): Promise<FileToSend> => {
      const row = await db(UserPicture).find(params.id)
      if (!row?.picture || !(await system(User).find({ id: params.id, is_active: true })))
        throw none()
      return { place: placeOf(params.id), value: row.picture, store: use(fileKeeper).store }
    },
  }),
]
