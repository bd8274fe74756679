import type { Config } from '#kit/core'
import type { Role } from '#kit/model'
import type { SendRequest } from './request.ts'

/** Somebody who is signed in. */
export interface TestAccount {
  readonly id: string
  readonly username: string
  readonly password: string
  readonly token: string
  readonly refreshToken: string
}

interface SignedIn {
  readonly token: string
  readonly refresh_token: string
  readonly user: { readonly id: string; readonly username: string }
}

/** Makes accounts by name, each once, through the app's own routes. */
export function createAccounts(
  request: SendRequest,
  config: Config,
): (name: string) => Promise<TestAccount> {
  const made = new Map<string, Promise<TestAccount>>()
  const signIn = async (username: string, password: string) => {
    const body = { username, password }
    return toAccount(await expectBody<SignedIn>('POST /api/auth/login', body), password)
  }
  const expectBody = async <T>(line: string, body: unknown, who: string | null = null) => {
    const answer = await request<T>(who, line, body)
    if (answer.status >= 400) throw new Error(`${line} answered ${answer.status}: ${answer.text}`)
    return answer.body
  }
  const make = async (name: string): Promise<TestAccount> => {
    if (name === 'admin') return signIn(config.adminUsername, config.adminPassword ?? '')
    const password = `${name} has a long password`
    const role = roleOf(name)
    if (role === 'user') {
      const body = { username: name, password }
      return toAccount(await expectBody<SignedIn>('POST /api/auth/register', body), password)
    }
    await expectBody('POST /api/admin/users', { username: name, password, role }, 'admin')
    return signIn(name, password)
  }
  return (name) => {
    const account = made.get(name) ?? make(name)
    made.set(name, account)
    return account
  }
}

function roleOf(name: string): Role {
  return (/^(staff|admin)/.exec(name)?.[1] as Role | undefined) ?? 'user'
}

function toAccount({ token, refresh_token, user }: SignedIn, password: string): TestAccount {
  return { id: user.id, username: user.username, password, token, refreshToken: refresh_token }
}
