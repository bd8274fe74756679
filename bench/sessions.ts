import { type Dataset, ownerName, password, taskIds } from './seed.ts'
import type { Server } from './servers.ts'

/** A user who is signed in, and the tasks he had at first. */
export interface Session {
  readonly userId: string
  readonly token: string
  readonly refreshToken: string
  readonly tasks: readonly number[]
}

interface SignedIn {
  readonly token: string
  readonly refresh_token: string
  readonly user: { readonly id: string }
}

/** `count` sessions at this server, the owners of the dataset taken in turn. */
export async function signInOwners(
  server: Server,
  dataset: Dataset,
  count: number,
): Promise<Session[]> {
  const sessions: Session[] = []
  for (let index = 0; index < count; index++) {
    const owner = index % dataset.users
    const { token, refresh_token, user } = await signIn(server, ownerName(owner))
    sessions.push({
      userId: user.id,
      token,
      refreshToken: refresh_token,
      tasks: taskIds(dataset, owner),
    })
  }
  return sessions
}

async function signIn(server: Server, username: string): Promise<SignedIn> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
  if (response.status === 200) return response.json() as Promise<SignedIn>
  throw new Error(`${server.name} does not log in: ${response.status} ${await response.text()}`)
}
