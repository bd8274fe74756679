import { expect, test } from 'bun:test'
import { connect } from 'node:net'
import { z } from 'zod'
import { Problem } from '#kit/core'
import { bindSystem, type Database } from '#kit/db'
import { anonymous, type Page, type Row } from '#kit/model'
import { eachDialect, fakeClock } from '#kit/testing'
import { defineRoute } from '../define-route.ts'
import { noteRoutes, Place, placeRoutes } from '../fixture/note-tools.ts'
import { idOf, models, openHttp } from '../fixture/open-http.ts'
import { listQuery } from '../list-query.ts'
import { pageOf } from '../results.ts'
import { csvOf } from './csv-of.ts'

const placeQuery = listQuery(Place, { sort: ['name'] })
let pagesRead = 0
let brokenAfter = Number.POSITIVE_INFINITY

const ownRoutes = [
  defineRoute({
    name: 'place.broken',
    summary: 'Fails after some pages',
    access: 'anyone',
    method: 'GET',
    path: '/api/broken',
    query: placeQuery.query,
    result: pageOf(Place),
    handle: async ({ db }): Promise<Page<Row<typeof Place>>> => {
      pagesRead += 1
      if (pagesRead > brokenAfter) throw new TypeError('inner secret')
      const { rows } = await db(Place).list({ limit: 100 })
      return { rows, next: 'again', total: undefined }
    },
  }),
  defineRoute({
    name: 'place.history',
    summary: 'With columns of its own, three at most',
    access: 'anyone',
    method: 'GET',
    path: '/api/history',
    query: placeQuery.query,
    result: csvOf(pageOf(Place), {
      name: 'history',
      columns: ['name', { name: 'when', of: (row) => row['created_at'], time: 'store' }],
      most: 103,
    }),
    handle: ({ db, query }) => db(Place).list(placeQuery.toOptions(query)),
  }),
  defineRoute({
    name: 'place.summary',
    summary: 'An object, with totals',
    access: 'anyone',
    method: 'GET',
    path: '/api/summary',
    result: csvOf(
      z.object({ lines: z.array(z.object({ milk: z.string(), par: z.int() })), total: z.int() }),
      {
        name: 'summary',
        columns: ['milk', 'par'],
        rows: ({ lines }: { lines: readonly { milk: string; par: number }[] }) => lines,
        closing: ({ total }: { total: number }) => ({ milk: 'Total', par: total }),
      },
    ),
    handle: () => ({ lines: [{ milk: '=Oat', par: 24 }], total: 24 }),
  }),
  defineRoute({
    name: 'place.refused',
    summary: 'A problem',
    access: 'anyone',
    method: 'GET',
    path: '/api/refused',
    result: pageOf(Place),
    handle: () => {
      throw new Problem('conflict', 'Not now.')
    },
  }),
]

const tools = [
  { name: 'notes', invalid: 422, routes: noteRoutes },
  { name: 'places', invalid: 400, routes: [...placeRoutes, ...ownRoutes] },
]

eachDialect('CSV of lists', (dialect) => {
  const open = async (time = '2026-01-01T00:00:00Z') => {
    const clock = fakeClock(Date.parse(time))
    const database = await dialect.open(models, { nowMs: clock.nowMs })
    const config = { storeTimezone: 'America/Los_Angeles' }
    return { ...(await openHttp(database, { clock, tools, config })), clock, database }
  }
  const addPlaces = (database: Database, count: number, nowMs: () => number) =>
    database.write('add', async (executor) => {
      const places = bindSystem(database, { executor, actor: anonymous, nowMs })(Place)
      for (let at = 1; at <= count; at += 1)
        await places.create({ name: `p${String(at).padStart(4, '0')}` })
    })
  const linesOf = (text: string) => text.split('\r\n')
  const bytesOf = async (app: Awaited<ReturnType<typeof open>>['app'], path: string) => {
    const response = await app.fetch(new Request(`http://localhost${path}`))
    return new Uint8Array(await response.arrayBuffer())
  }

  test('all matches, whatever the page size; with a limit that page', async () => {
    const { send, app, database, clock } = await open()
    await addPlaces(database, 250, clock.nowMs)
    const bytes = await bytesOf(app, '/api/places?format=csv')
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const all = await send('GET /api/places?format=csv&count=true')
    expect(all.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(all.headers.get('content-disposition')).toBe(
      'attachment; filename="places-2026-01-01.csv"',
    )
    expect([all.headers.get('link'), all.headers.get('x-total-count')]).toEqual([null, '250'])
    const [header, ...rest] = linesOf(all.text)
    expect(header).toBe('id,name,created_at,updated_at')
    expect(rest.pop()).toBe('')
    expect(rest).toHaveLength(250)
    expect(new Set(rest).size).toBe(250)

    const page = await send('GET /api/places?format=csv&limit=2')
    expect(linesOf(page.text)).toHaveLength(4)
    const [, next = ''] = /<(.*)>/.exec(page.headers.get('link') ?? '') ?? []
    expect(next).toContain('format=csv')
    const json = await send<{ name: string }[]>(`GET ${next.replace('format=csv', 'format=json')}`)
    const second = linesOf((await send(`GET ${next}`)).text).slice(1, 3)
    expect(second.map((line) => line.split(',')[1])).toEqual(json.body.map(({ name }) => name))
    const rest2 = await send(`GET ${next.replace('limit=2', '')}`)
    expect(linesOf(rest2.text)).toHaveLength(250)
  })

  test('the owner’s rows alone, as they are filtered, sorted and shown', async () => {
    const { send } = await open()
    for (const [as, title] of [
      ['ada', '=1+1'],
      ['ada', 'a "b", c'],
      ['bob', 'His'],
    ] as const)
      await send('POST /api/me/notes', { as, body: { title, done: title.startsWith('=') } })
    const all = await send('GET /api/me/notes?sort=title&format=csv', { as: 'ada' })
    const at = '2026-01-01T00:00:00.000Z'
    expect(linesOf(all.text)).toEqual([
      '\ufeffid,user_id,title,text,done,stars,kind,created_at,updated_at'.replace('\ufeff', ''),
      `1,${idOf('ada')},'=1+1,,true,0,plain,${at},${at}`,
      `2,${idOf('ada')},"a ""b"", c",,false,0,plain,${at},${at}`,
      '',
    ])
    const done = await send('GET /api/me/notes?done=true&format=csv', { as: 'ada' })
    expect(linesOf(done.text)).toHaveLength(3)
  })

  test('format wins over Accept; both are asked in many ways', async () => {
    const { send } = await open()
    const cases: readonly (readonly [query: string, accept: string, type: string])[] = [
      ['', '*/*', 'application/json'],
      ['', 'text/csv', 'text/csv; charset=utf-8'],
      ['', 'TEXT/CSV;header=present', 'text/csv; charset=utf-8'],
      ['', 'text/csv, */*', 'text/csv; charset=utf-8'],
      ['', 'application/json, text/csv', 'application/json'],
      ['', 'application/json;q=0.5, text/csv', 'text/csv; charset=utf-8'],
      ['', 'text/csv;q=0', 'application/json'],
      ['', 'text/csv;q=0.1, application/json', 'application/json'],
      ['?format=json', 'text/csv', 'application/json'],
      ['?format=csv', 'application/json', 'text/csv; charset=utf-8'],
    ]
    for (const [query, accept, type] of cases) {
      const { headers } = await send(`GET /api/places${query}`, { headers: { accept } })
      expect([query, accept, headers.get('content-type')]).toEqual([query, accept, type])
    }
    const other = await send('GET /api/places?format=xml')
    expect([other.status, other.body.errors[0]?.path]).toEqual([400, 'format'])
    const twice = await send('GET /api/places?format=csv&format=csv')
    expect(twice.status).toBe(400)
    const accept = { accept: 'text/csv' }
    expect((await send('POST /api/me/notes?format=csv', { as: 'ada', body: {} })).status).toBe(422)
    const one = await send('GET /api/auth/me', { as: 'ada', headers: accept })
    expect(one.headers.get('content-type')).toBe('application/json')
  })

  test('HEAD, other origins, strangers and faults before the first byte', async () => {
    const { send } = await open()
    const head = await send('HEAD /api/places?format=csv')
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([
      200,
      '',
      'text/csv; charset=utf-8',
    ])
    const origin = { origin: 'http://localhost:3000', accept: 'text/csv' }
    const cross = await send('GET /api/places', { headers: origin })
    expect(cross.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
    expect(cross.headers.get('vary')).toBe('Origin, Accept')
    expect(cross.headers.get('etag')).toBeNull()
    expect((await send('GET /api/me/notes?format=csv')).status).toBe(401)
    expect((await send('GET /api/admin/notes?format=csv', { as: 'ada' })).status).toBe(403)
    const refused = await send('GET /api/refused?format=csv')
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict'])
    const cursor = await send('GET /api/places?format=csv&cursor=x')
    expect([cursor.status, cursor.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json',
    ])
  })

  test('a route’s own columns: store time, a closing line, no more rows than it says', async () => {
    const { send, database, clock } = await open('2026-11-01T09:30:00Z')
    await addPlaces(database, 103, clock.nowMs)
    const history = await send('GET /api/history?sort=name', { headers: { accept: 'text/csv' } })
    const lines = linesOf(history.text)
    expect(lines.slice(0, 2)).toEqual(['name,when', 'p0001,2026-11-01T01:30:00-08:00'])
    expect(lines).toHaveLength(105)
    expect(history.headers.get('content-disposition')).toContain('"history-2026-11-01.csv"')
    await send('POST /api/places', { as: 'ada', body: { name: 'one more' } })
    const over = await send('GET /api/history?format=csv')
    expect([over.status, over.body.code]).toEqual([400, 'invalid'])
    expect((await send('GET /api/history?format=csv&limit=5')).status).toBe(200)
    const summary = await send('GET /api/summary?format=csv')
    expect(linesOf(summary.text)).toEqual(['milk,par', "'=Oat,24", 'Total,24', ''])
    expect((await send('GET /api/summary')).body).toMatchObject({ total: 24 })
  })

  test('a fault in the middle cuts the connection; a client that leaves ends the reading', async () => {
    const { app, database, clock } = await open()
    await addPlaces(database, 100, clock.nowMs)
    const server = Bun.serve({
      port: 0,
      development: false,
      fetch: (request) => app.fetch(request),
    })
    const receive = (enough: (text: string) => boolean) =>
      new Promise<string>((resolve) => {
        let text = ''
        const socket = connect(server.port ?? 0, '127.0.0.1')
        socket.on('data', (bytes) => {
          text += bytes.toString('latin1')
          if (enough(text)) socket.destroy()
        })
        socket.on('close', () => resolve(text))
        // A connection that is cut is a fault to this end.
        socket.on('error', () => socket.destroy())
        socket.write('GET /api/broken?format=csv HTTP/1.1\r\nHost: x\r\n\r\n')
      })
    try {
      pagesRead = 0
      brokenAfter = 30
      const cut = await receive((text) => text.endsWith('\r\n0\r\n\r\n'))
      expect(cut).toStartWith('HTTP/1.1 200')
      expect(cut).toContain('p0001')
      expect(cut).not.toEndWith('0\r\n\r\n')
      expect(cut).not.toContain('inner secret')

      pagesRead = 0
      brokenAfter = Number.POSITIVE_INFINITY
      await receive((text) => text.length > 100_000)
      await stands(() => pagesRead)
    } finally {
      brokenAfter = 0
      await server.stop(true)
    }
  })
})

/** Resolves once a number is the same after some turns of the event loop; the test's time limit ends it else. */
async function stands(read: () => number): Promise<void> {
  for (let before = -1; before !== read(); ) {
    before = read()
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
}
