import { createAuthClient } from 'better-auth/client'
import { jwtClient } from 'better-auth/client/plugins'

/** Signs up at the Better Auth server of AUTH_URL, and keeps tasks at the Plinth server of PLINTH_URL. */
const authUrl = process.env['AUTH_URL'] ?? 'http://127.0.0.1:3000'
const plinthUrl = process.env['PLINTH_URL'] ?? 'http://127.0.0.1:5000'

const auth = createAuthClient({
  baseURL: authUrl,
  plugins: [jwtClient()],
  fetchOptions: { customFetchImpl: withCookies(new Map()) },
})

const { user } = await ok(
  auth.signUp.email({ email: 'ada@example.com', password: 'correct horse', name: 'Ada' }),
)
const { token } = await ok(auth.token())

// Better Auth's id of the user stands for him in paths; Plinth has one of its own for him.
const tasks = `/api/${user.id}/tasks`
const milk = await plinth('POST', tasks, { title: 'Buy milk' })
await plinth('POST', tasks, { title: 'Write home' })
await plinth('PATCH', `${tasks}/${milk.id}/complete`)
for (const task of await plinth<Task[]>('GET', `${tasks}?sort=created_at`))
  say(`${task.completed ? 'x' : '-'} ${task.title}`)

const me = await plinth<Me>('GET', '/api/auth/me')
say(`${me.user.name} <${me.user.email}>, ${me.user.role}`)
await plinth('POST', '/api/auth/logout')

interface Task {
  readonly id: number
  readonly title: string
  readonly completed: boolean
}

interface Me {
  readonly user: { readonly name: string; readonly email: string; readonly role: string }
}

async function plinth<T = Task>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${plinthUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
  return (await response.json()) as T
}

/** What the client answers, or throws what went wrong. */
async function ok<T>(answer: Promise<{ readonly data: T | null; readonly error: unknown }>) {
  const { data, error } = await answer
  if (data === null) throw new Error(JSON.stringify(error))
  return data
}

/** Keeps cookies as a browser does by itself. */
function withCookies(jar: Map<string, string>) {
  return async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const headers = new Headers(init?.headers)
    headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    headers.set('origin', authUrl)
    const response = await fetch(input, { ...init, headers })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      jar.set(name, value)
    }
    return response
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
