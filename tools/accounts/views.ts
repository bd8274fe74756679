import { z } from 'zod'
import { entityTag } from '#kit/db'
import { pageOf, type Result } from '#kit/http'
import { instantSchema, type Page, type Row, toRowSchema, toWire, uuidSchema } from '#kit/model'
import { Session, User } from './model.ts'
import type { UserRow } from './rules.ts'

const showUser = toWire(User)

/** `{ "user": … }`, with the entity tag of the user alone: the one that `If-Match` is compared with. */
export const userView: Result<UserRow> = Object.freeze({
  schema: z.object({ user: toRowSchema(User) }),
  model: User,
  hasEntityTag: false,
  isPage: false,
  encode: (user: UserRow) => ({ user: showUser(user) }),
  headers: (user: UserRow) => ({ etag: entityTag(JSON.stringify(showUser(user))) }),
})

const pairFields = {
  token: z.string(),
  refresh_token: z.string(),
  expires_in: z.int().meta({ description: 'Seconds that the token is good for.' }),
}

export const pairView = z.object(pairFields).meta({ id: 'TokenPair' })
export const signedInView = z
  .object({ ...pairFields, user: toRowSchema(User) })
  .meta({ id: 'SignedIn' })

/** A session as its user sees it. */
export type SessionView = Row<typeof Session> & { readonly current: boolean }

const sessionView = z
  .object({
    id: uuidSchema,
    current: z.boolean(),
    created_at: instantSchema,
    last_used_at: instantSchema,
    address: z.string(),
    user_agent: z.string().nullable(),
  })
  .meta({ id: 'SessionView' })

export const sessionsView: Result<Page<SessionView>> = Object.freeze({
  ...(pageOf(Session) as Result<unknown>),
  schema: z.array(sessionView),
  encode: (page: Page<SessionView>) =>
    page.rows.map(({ id, current, created_at, last_used_at, address, user_agent }) => ({
      id,
      current,
      created_at,
      last_used_at,
      address,
      user_agent,
    })),
})
