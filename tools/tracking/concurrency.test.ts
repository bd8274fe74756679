import { afterAll, beforeAll, expect, test } from 'bun:test'
import { toInstant } from '#kit/core'
import { type Answer, eachDialect, type TestApp, testApp } from '#kit/testing'
import { CodeClaim, TrackingHistory, TrackingItem } from '#tools/tracking'
import {
  at,
  type Basement,
  box,
  type Faulty,
  items,
  type One,
  openBasement,
  type Reserved,
} from './fixture/basement.ts'
import { toCode } from './rules.ts'

const rounds = 20
const crowd = 50

/** Two processes on one database, as far as it can tell: each has connections of its own. */
eachDialect('two phones in the basement at once', (dialect) => {
  let basement: Basement
  let other: TestApp
  let count = 0

  beforeAll(async () => {
    const made = await dialect.create()
    const shared = { create: async () => ({ ...made, remove: async () => {} }) }
    basement = await openBasement(shared)
    const { app, clock } = basement.app
    other = await testApp(app, { dialect: shared, clock })
  })
  afterAll(async () => {
    await other.close()
    await basement.close()
  })

  /** Sends as one of the two, to one server and the other in turn. */
  const send = async <T>(line: string, body?: unknown): Promise<Answer<T>> => {
    count += 1
    const { app } = basement
    if (count % 2 === 0) return app.request<T>('staff-ana', line, body)
    const { token } = await app.as('staff-ben')
    return other.request<T>(null, line, body, { authorization: `Bearer ${token}` })
  }
  const times = <T>(many: number, work: (at: number) => Promise<T>) =>
    Promise.all(Array.from({ length: many }, (_, each) => work(each)))
  const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort()
  const once = (won: number, lost: number, many: number) =>
    [won, ...Array<number>(many - 1).fill(lost)].sort()
  /** Twenty times by two, and once by fifty. */
  const often = (work: (many: number, round: number) => Promise<void>) => async () => {
    for (let round = 0; round < rounds; round += 1) await work(2, round)
    await work(crowd, rounds)
  }
  const historyOf = (id: string, action: 'REMOVE' | 'RESTORE') =>
    basement.write((system) => system(TrackingHistory).count({ item_id: id, action }))

  /** However it went: each box that is present has its code, alone. */
  async function expectSound() {
    await basement.write(async (system) => {
      const present = await system(TrackingItem).count({ is_removed: false })
      expect(await system(CodeClaim).count({ item_id: { ne: null } as never })).toBe(present)
    })
  }

  test(
    'reserved, and added without a code: each has a code of its own',
    often(async (many) => {
      const codes = await times(many, async (each) => {
        if (each % 2 === 0) {
          const { status, body } = await send<Reserved>(`POST ${at}/codes`)
          return [status, body.code]
        }
        const { status, body } = await send<One>(`POST ${items}`, box)
        return [status, body.item.code]
      })
      expect(codes.map(([status]) => status)).toEqual(Array(many).fill(201))
      expect(new Set(codes.map(([, code]) => code)).size).toBe(many)
      await expectSound()
      await basement.write((system) => system(CodeClaim).removeMany({ item_id: null }))
    }),
    60_000,
  )

  test(
    'one code: one has it, the others are told that it is taken',
    often(async (many, round) => {
      const code = await freeCode(7000 + round)
      const answers = await times(many, () => send<Faulty>(`POST ${items}`, { ...box, code }))
      expect(statusesOf(answers)).toEqual(once(201, 409, many))
      for (const { body } of answers.filter(({ status }) => status === 409))
        expect(body).toMatchObject({ errors: [{ path: 'code', code: 'taken' }] })
      await expectSound()
    }),
    60_000,
  )

  test(
    'one box is taken out: once, with one row of history',
    often(async (many) => {
      const { item } = (await send<One>(`POST ${items}`, box)).body
      const answers = await times(many, (each) =>
        send<Faulty>(`DELETE ${items}/${each % 2 === 0 ? item.id : item.code}`),
      )
      expect(statusesOf(answers)).toEqual(once(200, 400, many))
      for (const { status, body } of answers)
        if (status === 400) expect(body.code).toBe('already_removed')
      expect(await historyOf(item.id, 'REMOVE')).toBe(1)
      await expectSound()
    }),
    60_000,
  )

  test(
    'one box is put back: once, with one row of history',
    often(async (many) => {
      const { item } = (await send<One>(`POST ${items}`, box)).body
      await send(`DELETE ${items}/${item.id}`)
      const bodies = [undefined, { new_code: true }]
      const answers = await times(many, (each) =>
        send(`POST ${items}/${item.id}/restore`, bodies[each % 2]),
      )
      expect(statusesOf(answers)).toEqual(once(200, 409, many))
      expect(await historyOf(item.id, 'RESTORE')).toBe(1)
      await expectSound()
    }),
    60_000,
  )

  test('lists of codes that overlap are taken out whole, or not at all', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const made = await send<{ items: One['item'][] }>(`POST ${items}/bulk`, {
        items: [{ ...box, quantity: 3 }],
      })
      const [one = '', two = '', three = ''] = made.body.items.map(({ code }) => code)
      const lists = [
        [one, two],
        [two, three],
      ]
      const answers = await times(2, (each) =>
        send<Faulty>(`POST ${items}/bulk-remove`, { codes: lists[each] }),
      )
      expect(statusesOf(answers)).toEqual([200, 409])
      const lost = answers.findIndex(({ status }) => status === 409)
      const path = `codes.${lists[lost]?.indexOf(two)}`
      expect(answers[lost]?.body.errors).toMatchObject([{ path, code: 'already_removed' }])
      await expectSound()
    }
  }, 60_000)

  test('the last code: one has it', async () => {
    const { app, write } = basement
    const { id: reserved_by } = await app.as('admin')
    const used = await write((system) =>
      system.query(CodeClaim).selectFrom('code_claims').select('code').execute(),
    )
    const free = new Set(Array.from({ length: 10_000 }, (_, number) => toCode(number)))
    for (const { code } of used) free.delete(code)
    const expires_at = toInstant(app.clock.nowMs() + 600_000)
    await write((system) =>
      system(CodeClaim).createMany(
        [...free].slice(1).map((code) => ({ code, reserved_by, expires_at })),
      ),
    )
    for (const many of [...Array<number>(rounds).fill(2), crowd]) {
      const answers = await times(many, (each) =>
        each % 2 === 0 ? send(`POST ${items}`, box) : send(`POST ${at}/codes`),
      )
      expect(statusesOf(answers)).toEqual(once(201, 409, many))
      const won = answers.find(({ status }) => status === 201)?.body as One & Reserved
      const code = won.code ?? won.item.code
      expect([...free][0]).toBe(code)
      if (won.item) await send(`DELETE ${items}/${won.item.id}`)
      else await write((system) => system(CodeClaim).removeMany({ code }))
    }
  }, 60_000)

  /** A code from there on that nobody drew. */
  async function freeCode(from: number): Promise<string> {
    const code = toCode(from)
    const isUsed = await basement.write((system) => system(CodeClaim).count({ code }))
    return isUsed === 0 ? code : freeCode(from + 100)
  }
})
