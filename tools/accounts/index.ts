import { join } from 'node:path'
import { defineTool } from '#kit/tool'
import { activity } from './activity.ts'
import { actorNamed } from './actor-named.ts'
import { adminRoutes } from './admin.ts'
import { authenticator } from './authenticator.ts'
import { demo } from './demo.ts'
import { entryRoutes } from './entry-routes.ts'
import { ensureFirstAdmin } from './first-admin.ts'
import { sessionExpiry } from './jobs.ts'
import { Identity, Invite, Session, User } from './model.ts'
import { namesOf } from './names.ts'
import { ownRoutes } from './own-routes.ts'
import { UserPicture } from './picture-model.ts'
import { pictureRoutes } from './picture-routes.ts'
import { assertAnyAdmin } from './rules.ts'
import { userAdmin, userStats } from './user-admin.ts'

export { Identity, Invite, Session, User } from './model.ts'
export { namesOf } from './names.ts'

/** Who is who: users, their sessions, passwords and PINs, and the admin of them. */
export const accounts = defineTool({
  name: 'accounts',
  models: [User, Session, Identity, Invite, UserPicture],
  routes: [...entryRoutes, ...ownRoutes, ...pictureRoutes, ...adminRoutes],
  migrations: join(import.meta.dir, 'migrations'),
  invalid: 400,
  authenticator,
  actorNamed,
  jobs: [sessionExpiry],
  admin: [userAdmin],
  stats: [userStats],
  activity,
  namesOf,
  demo,
  assertSound: async (all) =>
    assertAnyAdmin(await all(User).count({ role: 'admin', is_active: true })),
  onStart: (context) => ensureFirstAdmin(context),
  commands: {
    'user create': async () => (await import('./cli.ts')).userCreate,
    'user list': async () => (await import('./cli.ts')).userList,
    'user set-role': async () => (await import('./cli.ts')).userSetRole,
    'user set-password': async () => (await import('./cli.ts')).userSetPassword,
  },
})
