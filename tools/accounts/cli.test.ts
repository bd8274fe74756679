import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type ConsoleInput, eachDialect, recordingIo, type TestApp, testApp } from '#kit/testing'
import type { Command, CommandCall } from '#kit/tool'
import { accounts } from './index.ts'

interface Given extends ConsoleInput {
  readonly options?: CommandCall['options']
}

const piped = { 'password-stdin': true as const }

interface Refusal {
  readonly name: string
  readonly given: Given
  readonly message: string | RegExp
}

const refusals: [string, Refusal][] = [
  [
    'differing passwords',
    { name: 'hopper', given: { secrets: ['battery staple', 'battery stable'] }, message: 'differ' },
  ],
  ['no terminal', { name: 'hopper', given: {}, message: 'no terminal' }],
  [
    'a taken name, in any case',
    { name: 'GRACE', given: { options: piped, input: 'battery staple' }, message: 'username' },
  ],
  [
    'a short password',
    { name: 'hopper', given: { options: piped, input: 'short1' }, message: 'at least 8' },
  ],
  [
    'a common password',
    { name: 'hopper', given: { options: piped, input: 'password1' }, message: 'most used' },
  ],
  [
    'faults, all at once',
    { name: '!', given: { options: { role: 'king' } }, message: /username.*role/ },
  ],
]

eachDialect('the command line', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([accounts], { dialect })
  })
  afterAll(() => app.close())

  /** Runs a command on the app that is at work, as it does beside a running server. */
  async function run(name: string, args: string[], given: Given = {}) {
    const command = (await accounts.commands[name]?.()) as Command
    const io = recordingIo(given)
    const call: CommandCall = {
      args,
      options: given.options ?? {},
      io,
      environment: {},
      loadApp: async () => app.app,
      withApp: async (work) => work(app.opened.context),
    }
    await command.run(call as CommandCall<never>)
    return io.lines
  }

  async function logIn(username: string, password: string): Promise<number> {
    return (await app.request(null, 'POST /api/auth/login', { username, password })).status
  }

  describe('user create', () => {
    test('asks twice, and the account can log in with its role', async () => {
      const [line] = await run('user create', ['grace'], {
        options: { role: 'staff' },
        secrets: ['battery staple', 'battery staple'],
      })
      expect(line).toMatch(/^Made grace \(staff\), id [0-9a-f-]{36}$/)
      expect(await logIn('grace', 'battery staple')).toBe(200)
    })

    test('reads a password from standard input, without its line break', async () => {
      await run('user create', ['piped'], { options: piped, input: 'battery staple\n' })
      expect(await logIn('piped', 'battery staple')).toBe(200)
    })

    test.each(refusals)('refuses %s', async (_, { name, given, message }) => {
      const before = (await run('user list', [])).length
      await expect(run('user create', [name], given)).rejects.toThrow(message)
      expect(await run('user list', [])).toHaveLength(before)
    })
  })

  test('user list shows names and roles, and no hash', async () => {
    const lines = await run('user list', [])
    expect(lines.find((line) => line.includes('grace'))).toMatch(
      / {2}staff {2}active +grace +\d{4}-/,
    )
    const [first] = await run('user list', [], { options: { json: true } })
    expect(Object.keys(JSON.parse(first ?? ''))).toEqual([
      'id',
      'username',
      'email',
      'name',
      'role',
      'is_active',
      'last_login',
    ])
  })

  describe('user set-role', () => {
    test('acts on the next request, whatever the spelling of the name', async () => {
      const { body } = await app.request(null, 'POST /api/auth/login', {
        username: 'grace',
        password: 'battery staple',
      })
      const { token } = body as { token: string }
      const listAsGrace = () =>
        app.request(null, 'GET /api/admin/users', undefined, { authorization: `Bearer ${token}` })
      expect((await listAsGrace()).status).toBe(403)
      expect(await run('user set-role', ['Grace', 'admin'])).toEqual(['grace is admin now'])
      expect((await listAsGrace()).status).toBe(200)
      await run('user set-role', ['grace', 'user'])
      expect((await listAsGrace()).status).toBe(403)
    })

    test.each([
      ['a role that is none', ['grace', 'boss'], '"boss" is no role'],
      ['a user that is none', ['nobody', 'user'], 'no user "nobody"'],
      ['to take the last admin', ['admin', 'user'], 'last active admin'],
    ])('refuses %s', async (_, args, message) => {
      await expect(run('user set-role', args)).rejects.toThrow(message)
    })
  })

  test('user set-password ends the sessions; only the new password counts', async () => {
    const { body } = await app.request(null, 'POST /api/auth/login', {
      username: 'piped',
      password: 'battery staple',
    })
    const { token, user } = body as { token: string; user: { id: string } }
    await run('user set-password', [user.id], { options: piped, input: 'another staple' })
    const headers = { authorization: `Bearer ${token}` }
    expect((await app.request(null, 'GET /api/auth/me', undefined, headers)).status).toBe(401)
    expect(await logIn('piped', 'battery staple')).toBe(401)
    expect(await logIn('piped', 'another staple')).toBe(200)
  })
})
