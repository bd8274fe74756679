import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { eachDialect } from '#kit/testing'
import { randomBelow } from '#tools/tracking'
import {
  at,
  type Basement,
  box,
  type Item,
  items,
  type One,
  openBasement,
  type Reserved,
} from './fixture/basement.ts'

eachDialect('codes', (dialect) => {
  let basement: Basement
  beforeAll(async () => {
    // Draws 0, 1, 2, …: which code comes next is known.
    basement = await openBasement(dialect, { overrides: [[randomBelow, () => 0]] })
  })
  afterAll(() => basement.close())
  beforeEach(() => basement.app.clock.advance(1000))

  test('who reserves a code may use it, or give it back; no other does', async () => {
    const { ask, get, statusOf } = basement
    const { code } = await get<Reserved>(`POST ${at}/codes`)
    const body = { ...box, code }
    expect(await ask(`POST ${items}`, body, 'staff-ben')).toMatchObject({
      status: 409,
      body: { code: 'conflict', errors: [{ path: 'code', code: 'taken' }] },
    })
    expect(await statusOf(`DELETE ${at}/codes/${code}`, undefined, 'staff-ben')).toBe(404)
    expect((await get<One>(`POST ${items}`, body)).item.code).toBe(code)
    expect(await statusOf(`DELETE ${at}/codes/${code}`)).toBe(404)
    const other = await get<Reserved>(`POST ${at}/codes`)
    expect(other.code).not.toBe(code)
    expect(await get(`DELETE ${at}/codes/${other.code}`)).toEqual({ message: 'Code given back' })
    expect((await get<Reserved>(`POST ${at}/codes`, undefined, 'staff-ben')).code).toBe(other.code)
  })

  test('nobody holds more than a hundred codes; what is over does not count', async () => {
    const { app, ask, get } = basement
    const reserve = () => ask<Reserved>(`POST ${at}/codes`, undefined, 'staff-cleo')
    for (let count = 0; count < 100; count += 1) expect((await reserve()).status).toBe(201)
    expect(await reserve()).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('100') },
    })
    app.clock.advance(10 * 60_000)
    expect((await reserve()).status).toBe(201)
    expect(await get<Item[]>(`GET ${items}?q=0000`)).toHaveLength(1)
  })
})

test('codes are drawn by a generator fit for secrets', () => {
  const random = randomBelow.create({} as never)
  const drawn = Array.from({ length: 200 }, () => random(10_000))
  expect(drawn.every((number) => Number.isInteger(number) && number >= 0 && number < 10_000)).toBe(
    true,
  )
  expect(new Set(drawn).size).toBeGreaterThan(150)
})
