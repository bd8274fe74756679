import { passwords } from '#kit/auth'
import { invalidInput, isUuid, Problem, parse } from '#kit/core'
import { type BoundRepositories, bindSystem, type Executor } from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { anonymous, type Role, roles } from '#kit/model'
import { defineCommand, type Io, type OptionSpec, usageFault } from '#kit/tool'
import { createUserBody } from './bodies.ts'
import { User } from './model.ts'
import { assertLongEnough, assertNotLastAdmin, losesAdmin, type UserRow } from './rules.ts'
import { endSessions } from './sessions.ts'

const passwordStdin = {
  type: 'boolean',
  about: 'Read the password from standard input instead of asking for it',
} as const satisfies OptionSpec

const besideServer = 'It works on the same database while the server runs.'

export const userCreate = defineCommand({
  name: 'user create',
  summary: 'Make an account',
  usage: '<username>',
  options: {
    role: { type: 'string', value: 'ROLE', about: `${roles.join(', ')}; default: user` },
    email: { type: 'string', value: 'ADDRESS', about: 'E-mail address' },
    name: { type: 'string', value: 'NAME', about: 'Name to be shown' },
    'password-stdin': passwordStdin,
  },
  notes: [
    `The password is asked for, and never an argument: those are seen by all. ${besideServer}`,
  ],
  examples: [
    'plinth user create ada --role admin',
    'openssl rand -base64 18 | tee ada.txt | plinth user create ada --password-stdin',
  ],
  environment: ['DATABASE_URL', 'PASSWORD_MIN_LENGTH'],
  run: async ({ args, options, io, withApp }) => {
    const { role, email, name } = options
    const given = accepted({ username: args[0], role, email, name })
    const password = await newPassword(io, options['password-stdin'])
    return withApp(async (context) => {
      const password_hash = await hashed(context, password)
      const user = await write(context, 'user.create', (system) =>
        system(User).create({ ...given, password_hash }),
      )
      io.out(`Made ${user.username} (${user.role}), id ${user.id}`)
      return 0
    })
  },
})

export const userList = defineCommand({
  name: 'user list',
  summary: 'List the accounts, newest first',
  usage: '',
  options: { json: { type: 'boolean', about: 'Print JSON, one account a line' } },
  notes: [besideServer],
  examples: ['plinth user list', 'plinth user list --json | jq -r .email'],
  environment: ['DATABASE_URL'],
  run: async ({ options, io, withApp }) =>
    withApp(async (context) => {
      for await (const user of everyUser(repositories(context, context.database.reader)))
        io.out(options.json ? JSON.stringify(shown(user)) : toLine(user))
      return 0
    }),
})

export const userSetRole = defineCommand({
  name: 'user set-role',
  summary: 'Change what an account may do',
  usage: '<user> <role>',
  options: {},
  notes: [
    `A user is named by username, e-mail address or id; a role is one of ${roles.join(', ')}. ${besideServer}`,
  ],
  examples: ['plinth user set-role ada admin'],
  environment: ['DATABASE_URL'],
  run: async ({ args: [name = '', roleName = ''], io, withApp }) => {
    const role = toRole(roleName)
    return withApp(async (context) => {
      const user = await write(context, 'user.set-role', async (system) => {
        const before = await getUser(system, name)
        if (losesAdmin(before, { role }))
          assertNotLastAdmin(await system(User).count({ role: 'admin', is_active: true }))
        return system(User).change(before.id, { role })
      })
      io.out(`${labelOf(user)} is ${user.role} now`)
      return 0
    })
  },
})

export const userSetPassword = defineCommand({
  name: 'user set-password',
  summary: 'Give an account another password and end its sessions',
  usage: '<user>',
  options: { 'password-stdin': passwordStdin },
  notes: [`A user is named by username, e-mail address or id. ${besideServer}`],
  examples: [
    'plinth user set-password ada',
    'plinth user set-password ada --password-stdin < ada.txt',
  ],
  environment: ['DATABASE_URL', 'PASSWORD_MIN_LENGTH'],
  run: async ({ args: [name = ''], options, io, withApp }) =>
    withApp(async (context) => {
      const { id } = await getUser(repositories(context, context.database.reader), name)
      const password = await newPassword(io, options['password-stdin'])
      const password_hash = await hashed(context, password)
      const user = await write(context, 'user.set-password', async (system) => {
        await endSessions(system, id, context.clock.nowMs())
        return system(User).change(id, { password_hash, password_state: 'own' })
      })
      io.out(`${labelOf(user)} has another password now; all sessions are ended`)
      return 0
    }),
})

function accepted(input: Readonly<Record<string, unknown>>) {
  const parsed = parse(createUserBody, input)
  if (!parsed.ok) throw invalidInput(parsed.errors)
  const { username, email, name, role } = parsed.value
  return { username, email, name, role }
}

function toRole(name: string): Role {
  const role = roles.find((each) => each === name)
  if (role === undefined) throw usageFault(`"${name}" is no role. There are: ${roles.join(', ')}.`)
  return role
}

/** A password twice from the terminal, or once from standard input. */
async function newPassword(io: Io, isPiped: true | undefined): Promise<string> {
  if (isPiped) return (await io.readInput()).replace(/\r?\n$/, '')
  const password = await io.askSecret('Password')
  if ((await io.askSecret('Once more')) === password) return password
  throw usageFault('The two passwords differ. Nothing was changed.')
}

async function hashed({ config, use }: ServiceContext, password: string): Promise<string> {
  const parsed = parse(createUserBody, { password })
  if (!parsed.ok) throw invalidInput(parsed.errors)
  assertLongEnough('password', password, config.passwordMinLength)
  return use(passwords).hash(password)
}

/** An operator on the machine stands above all policies. */
function repositories({ database, clock }: ServiceContext, executor: Executor): BoundRepositories {
  return bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs })
}

function write<T>(
  context: ServiceContext,
  name: string,
  work: (system: BoundRepositories) => Promise<T>,
): Promise<T> {
  return context.database.write(name, (unit) => work(repositories(context, unit)))
}

async function getUser(system: BoundRepositories, name: string): Promise<UserRow> {
  const users = system(User)
  const user =
    (await users.find({ username: name })) ??
    (await users.find({ email: name })) ??
    (isUuid(name) ? await users.find(name.toLowerCase()) : undefined)
  if (user) return user
  throw new Problem('not_found', `There is no user "${name}". See: plinth user list`)
}

async function* everyUser(system: BoundRepositories): AsyncGenerator<UserRow> {
  let cursor: string | undefined
  do {
    const page = await system(User).list({ limit: 100, cursor })
    yield* page.rows
    cursor = page.next
  } while (cursor !== undefined)
}

function shown({ id, username, email, name, role, is_active, last_login }: UserRow) {
  return { id, username, email, name, role, is_active, last_login }
}

function labelOf({ username, email, id }: UserRow): string {
  return username ?? email ?? id
}

function toLine(user: UserRow): string {
  const { id, role, is_active, last_login } = user
  const state = is_active ? 'active' : 'inactive'
  const used = last_login ?? 'never logged in'
  return [id, role.padEnd(5), state.padEnd(8), labelOf(user).padEnd(20), used].join('  ')
}
