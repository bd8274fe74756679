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
  /** Whose name starts with `partner` has these. */
  readonly partnerNumber: string | null
  readonly pin: string | null
}

interface SignedIn {
  readonly token: string
  readonly refresh_token: string
  readonly user: {
    readonly id: string
    readonly username: string
    readonly partner_number: string | null
  }
}

/** Makes accounts by name, each once, through the app's own routes. */
export function createAccounts(
  request: SendRequest,
  config: Config,
): (name: string) => Promise<TestAccount> {
  let partnerCount = 0
  const newPartner = () => {
    partnerCount += 1
    return { partner_number: `S${String(partnerCount).padStart(5, '0')}`, pin: partnerPin }
  }
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
    const body = {
      username: name,
      password,
      role,
      ...(name.startsWith('partner') ? newPartner() : {}),
    }
    await expectBody('POST /api/admin/users', body, 'admin')
    return signIn(name, password)
  }
  return (name) => {
    const account = made.get(name) ?? make(name)
    made.set(name, account)
    return account
  }
}

const roles: Readonly<Record<string, Role>> = { staff: 'staff', partner: 'staff', admin: 'admin' }

function roleOf(name: string): Role {
  return roles[/^[a-z]+/.exec(name)?.[0] ?? ''] ?? 'user'
}

const partnerPin = '4719'

function toAccount({ token, refresh_token, user }: SignedIn, password: string): TestAccount {
  const { id, username, partner_number: partnerNumber } = user
  const pin = partnerNumber === null ? null : partnerPin
  return { id, username, password, token, refreshToken: refresh_token, partnerNumber, pin }
}
