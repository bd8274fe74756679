import { afterEach, beforeEach, expect, test } from 'bun:test'
import { createPasswords, passwords } from '#kit/auth'
import {
  type Config,
  createIds,
  createLog,
  type DatabaseConfig,
  parseConfig,
  systemClock,
} from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import { createServices, type ServiceContext } from '#kit/http'
import { createTables } from '#kit/migrate'
import { eachDialect, type TestDatabase } from '#kit/testing'
import { ensureFirstAdmin } from './first-admin.ts'
import { Session, User } from './model.ts'

const production = {
  PLINTH_ENV: 'production',
  JWT_SECRET_KEY: '7f3c9a1e5b8d2f6049c7e1a3b5d8f20e',
}

function toConfig(environment: Readonly<Record<string, string>>, database: DatabaseConfig): Config {
  const parsed = parseConfig({
    PLINTH_ENV: 'development',
    JWT_SECRET_KEY: 'a secret for tests, long enough to be taken as one',
    ...environment,
  })
  if (!parsed.ok || parsed.value.secret === undefined) throw new TypeError('A bad configuration.')
  return { ...parsed.value, secret: parsed.value.secret, database }
}

async function usersOf({ database }: ServiceContext) {
  const rows = await database.reader.execute('select username, role, password_hash from users')
  return [...rows] as { username: string; role: string; password_hash: string }[]
}

async function made(context: ServiceContext) {
  const lines: string[] = []
  await ensureFirstAdmin(context, (line) => lines.push(line))
  return { lines, users: await usersOf(context) }
}

const isRight = ({ use }: ServiceContext, secret: string, hash = '') =>
  use(passwords).verify(secret, hash)

eachDialect('the first admin', (dialect) => {
  let place: TestDatabase
  const opened: Database[] = []
  beforeEach(async () => {
    place = await dialect.create()
  })
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close()
    await place.remove()
  })

  /** One process on the database of this test. */
  const open = async (environment: Readonly<Record<string, string>> = {}) => {
    const log = createLog('silent')
    const config = toConfig(environment, place.config)
    const database = await openDatabase(config.database, { log })
    if (opened.length === 0) await createTables(database, [User, Session])
    opened.push(database)
    const base = { config, clock: systemClock, ids: createIds(systemClock), log, database }
    return createServices(base, [[passwords, createPasswords({ cost: 4 })]])
  }

  test('in development: admin with the known password, announced to nobody', async () => {
    const context = await open()
    const { lines, users } = await made(context)
    expect(lines).toEqual([])
    expect(users).toMatchObject([{ username: 'admin', role: 'admin' }])
    expect(await isRight(context, 'admin2025', users[0]?.password_hash)).toBe(true)
  })

  test('in production without a password: a random one, announced once', async () => {
    const context = await open(production)
    const { lines, users } = await made(context)
    const password = /password (\S+) /.exec(lines.join())?.[1] ?? ''
    expect(password).toHaveLength(19)
    expect(lines).toHaveLength(1)
    expect(await isRight(context, password, users[0]?.password_hash)).toBe(true)
    expect((await made(context)).lines).toEqual([])
  })

  test('with a name and password of the configuration', async () => {
    const wanted = { ADMIN_USERNAME: 'boss', ADMIN_PASSWORD: 'a long password' }
    const context = await open({ ...production, ...wanted })
    const { lines, users } = await made(context)
    expect(lines).toEqual([])
    expect(users).toMatchObject([{ username: 'boss' }])
    expect(await isRight(context, 'a long password', users[0]?.password_hash)).toBe(true)
  })

  test('not with a common password', async () => {
    const context = await open({ ADMIN_PASSWORD: 'password1' })
    await expect(made(context)).rejects.toThrow('ADMIN_PASSWORD')
    expect(await usersOf(context)).toEqual([])
  })

  test('not where there is one, whatever his name', async () => {
    const context = await open()
    await made(context)
    const other = await open({ ADMIN_USERNAME: 'boss' })
    expect((await made(other)).users).toHaveLength(1)
  })

  test('not over another account of that name', async () => {
    const context = await open()
    await made(context)
    await context.database.write('demote', (unit) => unit.execute("update users set role = 'user'"))
    await expect(made(context)).rejects.toThrow('ADMIN_USERNAME')
    expect(await usersOf(context)).toMatchObject([{ username: 'admin', role: 'user' }])
  })

  test('is one, though several processes start at once', async () => {
    const contexts = [await open(production), await open(production), await open(production)]
    const results = await Promise.all(contexts.map((context) => made(context)))
    expect(results.flatMap(({ lines }) => lines)).toHaveLength(1)
    expect(await usersOf(await open())).toHaveLength(1)
  })
})
