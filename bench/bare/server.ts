import { openPostgres } from './postgres/open.ts'
import { Refusal } from './refusal.ts'
import { openSqlite } from './sqlite/open.ts'
import { createTokens } from './tokens.ts'

/*
 * What one would write by hand for these five requests and no others: Bun's own routes, prepared statements, no
 * checks beyond the needful. It works on a database that Plinth made, with the same statements and durability.
 */
const { DATABASE_URL = '', PORT = '0', JWT_SECRET_KEY = '', COMMIT = '' } = process.env
const tokens = await createTokens(JWT_SECRET_KEY)
const open = DATABASE_URL.startsWith('sqlite:') ? openSqlite : openPostgres
const { accounts, tasks, close } = open({ url: DATABASE_URL, commit: COMMIT, tokens })

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(PORT),
  routes: {
    '/health': { GET: () => Response.json({ status: 'healthy' }) },
    '/api/auth/login': { POST: accounts.login },
    '/api/auth/refresh': { POST: accounts.refresh },
    '/api/:user_id/tasks': {
      GET: async (request) => {
        const { userId } = await accounts.authenticate(request, request.params.user_id)
        return tasks.list(userId, request.url)
      },
      POST: async (request) => {
        const { userId } = await accounts.authenticate(request, request.params.user_id)
        return tasks.create(userId, request)
      },
    },
    '/api/:user_id/tasks/:id': {
      GET: async (request) => {
        const { userId } = await accounts.authenticate(request, request.params.user_id)
        return tasks.find(userId, request.params.id)
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
