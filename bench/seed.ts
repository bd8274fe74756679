import { Database } from 'bun:sqlite'

/** What a database is filled with: the tasks of the users lie mixed, as if they had been made over time. */
export interface Dataset {
  readonly users: number
  readonly tasks: number
}

/** The users who sign in for their tokens have a cheap hash; those who are measured logging in, the usual one. */
export const tokenCost = 4
export const loginCost = 12
export const password = 'a bench of solid oak'
/** How many users there are to measure logging in with. */
export const loginUsers = 32

export const ownerName = (index: number): string => `owner-${index}`
export const loginName = (index: number): string => `login-${index}`

/** Fills a migrated database, in one transaction and without waiting for the disk. Answers the owners' ids. */
export function seed(file: string, dataset: Dataset): string[] {
  const database = new Database(file)
  database.run('PRAGMA synchronous = OFF')
  database.run('PRAGMA cache_size = -200000')
  const owners = database.transaction(() => {
    seedUsers(database, { name: loginName, count: loginUsers, cost: loginCost })
    const ids = seedUsers(database, { name: ownerName, count: dataset.users, cost: tokenCost })
    seedTasks(database, ids, dataset.tasks)
    return ids
  })()
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  return owners
}

interface UserSeed {
  readonly name: (index: number) => string
  readonly count: number
  readonly cost: number
}

function seedUsers(database: Database, { name, count, cost }: UserSeed): string[] {
  const insert = database.prepare(
    `INSERT INTO users (id, username, password_hash, password_state, pin_state, role, is_active, created_at, updated_at)
     VALUES (?, ?, ?, 'own', 'own', 'user', 1, ?, ?)`,
  )
  const hash = Bun.password.hashSync(password, { algorithm: 'bcrypt', cost })
  return Array.from({ length: count }, (_, index) => {
    const id = Bun.randomUUIDv7()
    const now = new Date().toISOString()
    insert.run(id, name(index), hash, now, now)
    return id
  })
}

function seedTasks(database: Database, owners: readonly string[], count: number): void {
  const insert = database.prepare(
    `INSERT INTO tasks (user_id, title, description, completed, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const firstMs = Date.now() - count * 1000
  for (let index = 0; index < count; index++) {
    const at = new Date(firstMs + index * 1000).toISOString()
    const owner = owners[index % owners.length] ?? ''
    const description = index % 3 === 0 ? 'Two litres, the one with the blue cap.' : null
    insert.run(owner, `Task number ${index}: buy milk`, description, index % 2, at, at)
  }
}

/** The ids of the tasks that this user owns at first. Ids are given from 1 on, in turn. */
export function taskIds({ users, tasks }: Dataset, userIndex: number): number[] {
  const count = Math.floor((tasks - 1 - userIndex) / users) + 1
  return Array.from({ length: count }, (_, index) => userIndex + 1 + index * users)
}
