import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { app as whole } from '#app'
import { dateIn, timeOfDayMs } from '#kit/core'
import { fakeClock, type TestApp, testApp } from '#kit/testing'
import { runSeeds } from '#kit/tool'
import { randomBelow } from '#tools/tracking'

/**
 * The requests of the guide are sent, in their order, page by page, in a shop that is new; what comes back must be what
 * the page shows. A block is
 *
 *     ana, 21:00> POST /api/path          who asks (`admin`, or one of the staff), and when, if the clock is to go on
 *     { "body": 1 }                       a line or more, or none
 *
 *     201
 *     { "answer": "…", "id": "{box}" }    members that are not shown are not compared; … stands for anything, and
 *                                         {box} for what the first answer with it holds, there and further on
 */
const pages = [...new Bun.Glob('*.md').scanSync(import.meta.dir)]
  .map((page) => ({ page, blocks: blocksIn(readFileSync(join(import.meta.dir, page), 'utf8')) }))
  .filter(({ blocks }) => blocks.length > 0)

interface Block {
  readonly who: string
  /** `21:00`, or `2026-01-13 05:30`. */
  readonly time: string | undefined
  readonly line: string
  readonly body: string | undefined
  readonly status: number
  readonly answer: string
}

function blocksIn(text: string): Block[] {
  return [...text.matchAll(/^```http\n([\s\S]*?)^```$/gm)].map(([, block = '']) => toBlock(block))
}

function toBlock(text: string): Block {
  const shape = /^(\w+)(?:, ([-\d: ]+))?> ([A-Z]+ \S+)\n([\s\S]*?)\n?\n(\d{3})\n([\s\S]*)$/
  const found = shape.exec(text)
  if (!found) throw new Error(`This is no request with its answer:\n${text}`)
  const [, who = '', time, line = '', body, status, answer = ''] = found
  return { who, time, line, body: body || undefined, status: Number(status), answer: answer.trim() }
}

const zone = 'America/Los_Angeles'
const today = dateIn(zone)

/** A new shop on a Monday at ten. */
async function openShop(): Promise<TestApp> {
  const clock = fakeClock(timeOfDayMs('2026-01-12', '10:00', zone))
  // Codes look drawn, and are the same each time.
  let state = 42
  const draw = (limit: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * limit)
  }
  const environment = { JWT_ACCESS_TOKEN_EXPIRES: '400d', JWT_REFRESH_TOKEN_EXPIRES: '400d' }
  const shop = await testApp(whole, { clock, environment, overrides: [[randomBelow, draw]] })
  await runSeeds(
    whole.tools.filter(({ seedSet }) => seedSet === 'store'),
    shop.opened.context,
  )
  return shop
}

/** Staff are called as the guide calls them. */
async function accountOf(shop: TestApp, who: string): Promise<string> {
  if (who === 'admin') return who
  const { id } = await shop.as(`staff-${who}`)
  const name = `${who[0]?.toUpperCase()}${who.slice(1)}`
  await shop.request('admin', `PATCH /api/admin/users/${id}`, { name })
  return `staff-${who}`
}

function moveTo({ clock }: TestApp, time: string): void {
  const [date = '', hour] = time.includes(' ') ? time.split(' ') : [today(clock.nowMs()), time]
  clock.advance(timeOfDayMs(date, hour ?? '', zone) - clock.nowMs())
}

/** What the answers of a page have given names to. */
type Known = Map<string, string>

function fillIn(text: string, known: Known): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, name: string) => known.get(name) ?? whole)
}

/** Takes from the answer what the page names for the first time. */
function learn(shown: unknown, answer: unknown, known: Known): void {
  const [, name] = typeof shown === 'string' ? (/^\{([a-z]+)\}$/.exec(shown) ?? []) : []
  if (name !== undefined) known.set(name, String(answer))
  if (typeof shown !== 'object' || shown === null) return
  const given = Object(answer) as Readonly<Record<string, unknown>>
  for (const [key, value] of Object.entries(shown)) learn(value, given[key], known)
}

function expectShown(answer: string, page: string, known: Known): void {
  if (/^[[{n]/.test(page)) learn(JSON.parse(fillIn(page, known)), JSON.parse(answer), known)
  const shown = fillIn(page, known)
  const isJson = /^[[{n]/.test(shown)
  const parts = shown.split('…').map(RegExp.escape)
  if (!isJson)
    expect(answer.trim().replaceAll('\r\n', '\n')).toMatch(new RegExp(`^${parts.join('.*')}$`))
  else
    expect({ answer: JSON.parse(answer) }).toMatchObject({ answer: toExpected(JSON.parse(shown)) })
}

function toExpected(shown: unknown): unknown {
  if (shown === '…') return expect.anything()
  if (Array.isArray(shown)) return shown.map(toExpected)
  if (typeof shown !== 'object' || shown === null) return shown
  return Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, toExpected(value)]))
}

for (const { page, blocks } of pages)
  test(`${page}: what is asked is answered so`, async () => {
    const shop = await openShop()
    const known: Known = new Map()
    for (const { who, time, line: shownLine, body, status, answer } of blocks) {
      const line = fillIn(shownLine, known)
      const account = await accountOf(shop, who)
      if (time !== undefined) moveTo(shop, time)
      const given = await shop.request(account, line, body && JSON.parse(fillIn(body, known)))
      expect([line, given.status, given.status === status ? '' : given.text]).toEqual([
        line,
        status,
        '',
      ])
      expectShown(given.text, answer, known)
    }
    await shop.close()
  }, 60_000)

test('there are pages with requests', () => {
  expect(pages.length).toBeGreaterThan(0)
})
