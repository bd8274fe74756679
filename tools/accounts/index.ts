import { join } from 'node:path'
import { defineTool } from '#kit/tool'
import { actorNamed } from './actor-named.ts'
import { adminRoutes } from './admin.ts'
import { authenticator } from './authenticator.ts'
import { entryRoutes } from './entry-routes.ts'
import { ensureFirstAdmin } from './first-admin.ts'
import { Invite, Session, User } from './model.ts'
import { ownRoutes } from './own-routes.ts'

export { Invite, Session, User } from './model.ts'

/** Who is who: users, their sessions, passwords and PINs, and the admin of them. */
export const accounts = defineTool({
  name: 'accounts',
  models: [User, Session, Invite],
  routes: [...entryRoutes, ...ownRoutes, ...adminRoutes],
  migrations: join(import.meta.dir, 'migrations'),
  invalid: 400,
  authenticator,
  actorNamed,
  onStart: (context) => ensureFirstAdmin(context),
  commands: {
    'user create': async () => (await import('./cli.ts')).userCreate,
    'user list': async () => (await import('./cli.ts')).userList,
    'user set-role': async () => (await import('./cli.ts')).userSetRole,
    'user set-password': async () => (await import('./cli.ts')).userSetPassword,
  },
})
