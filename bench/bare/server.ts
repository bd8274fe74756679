import type { Caller } from './engine.ts'
import { openPostgres } from './postgres/open.ts'
import { Refusal } from './refusal.ts'
import { openSqlite } from './sqlite/open.ts'
import { createTokens } from './tokens.ts'

/*
 * What one would write by hand for these few requests and no others: Bun's own routes, prepared statements, no
 * checks beyond the needful. It works on a database that Plinth made, with the same statements and durability.
 */
const { DATABASE_URL = '', PORT = '0', JWT_SECRET_KEY = '', COMMIT = '', AUDIT = '' } = process.env
const tokens = await createTokens(JWT_SECRET_KEY)
const open = DATABASE_URL.startsWith('sqlite:') ? openSqlite : openPostgres
const { accounts, tasks, shop, close } = open({
  url: DATABASE_URL,
  commit: COMMIT,
  isAudited: AUDIT === 'on',
  tokens,
})

/** The caller, if the path names him. */
function toOwner({ userId }: Caller, named: string | undefined): string {
  if (named === userId || named === 'me') return userId
  throw new Refusal(403, 'Not your path.')
}

function toStaff({ userId, role }: Caller): string {
  if (role === 'staff' || role === 'admin') return userId
  throw new Refusal(403, 'This is for staff.')
}

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(PORT),
  routes: {
    '/health': { GET: () => Response.json({ status: 'healthy' }) },
    '/api/auth/login': { POST: accounts.login },
    '/api/auth/refresh': { POST: accounts.refresh },
    '/api/:user_id/tasks': {
      GET: async (request) => {
        const userId = toOwner(await accounts.authenticate(request), request.params.user_id)
        return tasks.list(userId, request.url)
      },
      POST: async (request) => {
        const userId = toOwner(await accounts.authenticate(request), request.params.user_id)
        return tasks.create(userId, request)
      },
    },
    '/api/:user_id/tasks/:id': {
      GET: async (request) => {
        const userId = toOwner(await accounts.authenticate(request), request.params.user_id)
        return tasks.find(userId, request.params.id)
      },
    },
    '/api/rtde/sessions/:id/count': {
      PUT: async (request) => {
        const userId = toStaff(await accounts.authenticate(request))
        return shop.count(userId, request.params.id, request)
      },
    },
    '/api/rtde/sessions/:id/pull-list': {
      GET: async (request) => {
        const userId = toStaff(await accounts.authenticate(request))
        return shop.pullList(userId, request.params.id)
      },
    },
  },
  error: (error) =>
    Response.json(
      { detail: error.message },
      { status: error instanceof Refusal ? error.status : 500 },
    ),
})

const stop = async (): Promise<void> => {
  await server.stop(true)
  await close()
}
process.on('SIGTERM', () => void stop())
process.on('SIGINT', () => void stop())
