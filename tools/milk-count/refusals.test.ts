import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { eachDialect, type Scenario, scenarios } from '#kit/testing'
import { api, noId, openShop, type Session, type Shop } from './fixture/shop.ts'

const admin = `${api}/admin/milk-types`
const pars = `${api}/admin/par-levels`

eachDialect('who may what in milk-count', (dialect) => {
  let shop: Shop
  const open = async () => {
    shop = await openShop(dialect)
  }
  const close = () => shop.close()

  describe('C1 and what else is refused', () => {
    let session: Session
    beforeAll(async () => {
      await open()
      session = (await shop.start('staff-ana')).body.session
    })
    afterAll(close)

    const bad = (line: string, body: unknown, path: RegExp): Scenario => [
      'admin',
      line,
      body,
      400,
      path,
    ]
    scenarios(() => shop.app, {
      'a name too long': bad(
        `POST ${admin}`,
        { name: 'x'.repeat(51), category: 'cheese', par_value: -1 },
        /name.*category.*par_value/,
      ),
      'no name': bad(`POST ${admin}`, { name: ' ', category: 'dairy' }, /name/),
      'an unknown key': bad(`POST ${admin}`, { name: 'A', category: 'dairy', x: 1 }, /"x"/),
      'a place at once': bad(
        `POST ${admin}`,
        { name: 'A', category: 'dairy', display_order: 1 },
        /display_order/,
      ),
      'no change': bad(`PUT ${admin}/${noId}`, {}, /at least one/),
      'place 0': bad(`PUT ${admin}/${noId}`, { display_order: 0 }, /display_order/),
      'a par that is none': bad(`PUT ${pars}/${noId}`, { par_value: 10_000 }, /par_value/),
      'no par': bad(`PUT ${pars}/${noId}`, {}, /required/),
      'an unknown parameter': bad(`GET ${admin}?x=1`, undefined, /"x"/),
      'a flag that is none': bad(`GET ${admin}?include_inactive=1`, undefined, /include_inactive/),
      'no milk type': ['admin', `PUT ${admin}/${noId}`, { active: true }, 404],
      'no id': ['admin', `PUT ${admin}/7`, { active: true }, 404],
      'no milk type to set a par of': ['admin', `PUT ${pars}/${noId}`, { par_value: 1 }, 404],
      'no session': ['staff', `GET ${api}/sessions/${noId}`, undefined, 404],
      'no session to sum up': ['staff', `GET ${api}/sessions/x/summary`, undefined, 404],
      'no session to count': [
        'staff',
        `PUT ${api}/sessions/${noId}/night-foh`,
        { counts: [] },
        404,
      ],
      'no session to reopen': [
        'admin',
        `POST ${api}/admin/sessions/${noId}/reopen`,
        undefined,
        404,
      ],
      'history backwards': bad(
        `GET ${api}/history?from=2026-01-02&to=2026-01-01`,
        undefined,
        /"to"/,
      ),
      'history of no state': bad(`GET ${api}/history?status=done`, undefined, /status/),
      'history of no day': bad(`GET ${api}/history?from=2026-02-30`, undefined, /from/),
      'a start of no day': bad(
        `POST ${api}/sessions/start`,
        { session_date: 'today' },
        /session_date/,
      ),
      'another key at the start': bad(
        `POST ${api}/sessions/start`,
        { date: '2026-01-12' },
        /"date"/,
      ),
      'a format that is none': bad(
        `GET ${api}/sessions/${noId}/summary?format=pdf`,
        undefined,
        /format/,
      ),
    })

    for (const [method, path] of [
      ['GET', '/milk-types'],
      ['GET', '/sessions/current'],
      ['GET', '/sessions/today'],
      ['POST', '/sessions/start'],
      ['GET', `/sessions/${noId}`],
      ['PUT', `/sessions/${noId}/on-order`],
      ['GET', `/sessions/${noId}/summary`],
      ['GET', '/history'],
    ])
      test(`a user does not get at ${method} ${path}`, async () => {
        const line = `${method} ${api}${path}`
        expect((await shop.ask('ada', line, method === 'PUT' ? {} : undefined)).status).toBe(403)
        expect((await shop.ask(null, line)).status).toBe(401)
      })
    for (const [method, path] of [
      ['GET', '/milk-types'],
      ['POST', '/milk-types'],
      ['PUT', '/milk-types/reorder'],
      ['GET', '/par-levels'],
      ['PUT', `/par-levels/${noId}`],
      ['POST', `/sessions/${noId}/reopen`],
      ['PATCH', `/sessions/${noId}`],
    ])
      test(`nor staff at ${method} /admin${path}`, async () => {
        const line = `${method} ${api}/admin${path}`
        expect((await shop.ask('staff-ana', line, method === 'GET' ? undefined : {})).status).toBe(
          403,
        )
        expect((await shop.ask('ada', line, method === 'GET' ? undefined : {})).status).toBe(403)
      })

    test('another date: not one to come, not one that is taken; the history has it', async () => {
      const line = `PATCH ${api}/admin/sessions/${session.id}`
      const future = await shop.ask('admin', line, { session_date: '2026-01-13' })
      expect([future.status, future.body.errors[0]?.path]).toEqual([400, 'session_date'])
      shop.at('2026-01-14T21:00-08:00')
      const { session: later } = (await shop.start('staff-ana')).body
      const taken = await shop.ask('admin', line, { session_date: '2026-01-14' })
      expect([taken.status, taken.body.errors[0]]).toMatchObject([409, { path: 'session_date' }])
      const moved = await shop.send<{ session: Session }>('admin', line, {
        session_date: '2026-01-10',
      })
      expect(moved.session.session_date).toBe('2026-01-10')
      const history = async (query = '') =>
        (await shop.send<Session[]>('staff', `GET ${api}/history${query}`)).map(({ id }) => id)
      expect(await history()).toEqual([later.id, session.id])
      expect(await history('?from=2026-01-10&to=2026-01-10')).toEqual([session.id])
      expect(await history('?from=2026-01-11')).toEqual([later.id])
      expect(await history('?to=2026-01-13')).toEqual([session.id])
      expect(await history('?status=completed')).toEqual([])
      expect(await history('?status=night_foh&limit=1')).toEqual([later.id])
    })
  })
})
