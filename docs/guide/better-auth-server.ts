import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { jwt } from 'better-auth/plugins'

/** A Better Auth server that forgets its users when it ends. It prints its address. */
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.env['PORT'] ?? 3000),
  fetch: (request): Promise<Response> => auth.handler(request),
})

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${server.port}`,
  secret: process.env['BETTER_AUTH_SECRET'] ?? crypto.randomUUID() + crypto.randomUUID(),
  database: memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] }),
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  plugins: [jwt()],
})

process.stdout.write(`http://127.0.0.1:${server.port}\n`)
