import { isUuid } from '#kit/core'
import { bindSystem } from '#kit/db'
import { anonymous } from '#kit/model'
import type { ActorNamed } from '#kit/tool'
import { User } from './model.ts'

/** The user of this username, e-mail address or id; nobody where he was removed. */
export const actorNamed: ActorNamed = async ({ database, clock }, name) => {
  const executor = database.reader
  const users = bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })(User)
  const user =
    (await users.find({ username: name })) ??
    (await users.find({ email: name })) ??
    (isUuid(name) ? await users.find(name.toLowerCase()) : undefined)
  return user?.is_active ? { id: user.id, role: user.role, sessionId: null } : undefined
}
