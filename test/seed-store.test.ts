import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { app } from '#app'
import { createPasswords, passwords } from '#kit/auth'
import { createLog } from '#kit/core'
import { verifyAudit } from '#kit/db'
import { eachDialect, fakeClock, problemOf, type TestApp, testApp } from '#kit/testing'
import { runDemo } from '#kit/tool'

const nowMs = Date.parse('2026-03-16T20:00:00Z')
const days = 4

interface Restock {
  readonly user_name: string
  readonly completed_at: string
  readonly units: number
}

eachDialect('plinth seed store --demo', (dialect) => {
  let shop: TestApp
  const open = async () => {
    const made = await dialect.create()
    shop = await testApp(app, { dialect: { create: async () => made }, clock: fakeClock(nowMs) })
  }
  const play = () => {
    const said: string[] = []
    return runDemo(app, {
      set: 'store',
      days,
      config: shop.config,
      log: createLog('silent'),
      nowMs: shop.clock.nowMs,
      say: (line) => said.push(line),
      overrides: [[passwords, createPasswords({ cost: 4 })]],
    }).then((report) => ({ ...report, said }))
  }
  const read = async <T>(path: string, who = 'admin') =>
    (await shop.request<T>(who, `GET ${path}`)).body

  describe('into a new database', () => {
    let report: Awaited<ReturnType<typeof play>>
    beforeAll(async () => {
      await open()
      report = await play()
    }, 60_000)
    afterAll(() => shop.close())

    test('makes the catalogue and the people, and tells their PINs', () => {
      expect(report.seeds).toContainEqual({ tool: 'rtde', made: 20, found: 0 })
      expect(report.requests).toBeGreaterThan(100)
      expect(report.said).toHaveLength(5)
      expect(report.said[0]).toMatch(/^Ana: partner number DEMO01, PIN \d{4}$/)
    })

    test('several people worked on all of the days, none of it in the future', async () => {
      const restocks = await read<Restock[]>('/api/rtde/history')
      expect(restocks).toHaveLength(2 * days)
      expect(new Set(restocks.map(({ user_name }) => user_name)).size).toBeGreaterThan(2)
      const dates = new Set(restocks.map(({ completed_at }) => completed_at.slice(0, 10)))
      expect(dates.size).toBeGreaterThanOrEqual(days)
      for (const { completed_at, units } of restocks) {
        expect(Date.parse(completed_at)).toBeLessThan(nowMs)
        expect(units).toBeGreaterThan(0)
      }
      expect(await read('/api/activity/recent?limit=100')).toContainEqual(
        expect.objectContaining({ tool: 'inventory', user_name: expect.any(String) }),
      )
    })

    test('each night was counted, and finished in the morning after', async () => {
      const milk = await read<{ status: string; session_date: string }[]>('/api/milk-count/history')
      expect(milk.map(({ status }) => status)).toEqual(Array(days).fill('completed'))
      expect(new Set(milk.map(({ session_date }) => session_date)).size).toBe(days)
    })

    test('the audit trail holds all of it', async () => {
      const { faults } = await verifyAudit(shop.opened.database)
      expect(faults).toEqual([])
    })

    test('again: nothing is doubled', async () => {
      const before = await read<Restock[]>('/api/rtde/history')
      const again = await play()
      expect([again.requests, again.said]).toEqual([undefined, []])
      for (const { made } of again.seeds) expect(made).toBe(0)
      expect(await read<Restock[]>('/api/rtde/history')).toEqual(before)
    }, 60_000)
  })

  test('not where people work, nor where a demo was cut off', async () => {
    await open()
    await shop.request('staff', 'POST /api/rtde/sessions/start')
    expect((await problemOf(play())).detail).toContain('1 rows in rtde_sessions')
    expect(await read<unknown[]>('/api/admin/users?q=demo')).toEqual([])
    await shop.close()

    await open()
    // Then the first thing that the people of the demo do fails.
    await shop.request('admin', 'POST /api/admin/users', {
      username: 'demo-ana',
      password: 'not one of the demo',
    })
    expect((await problemOf(play())).detail).toContain('answered 409')
    expect((await problemOf(play())).detail).toContain('cut off')
    await shop.close()
  }, 60_000)
})
