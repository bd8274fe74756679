import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { app } from '#app'
import { eachDialect, type TestApp, testApp } from '#kit/testing'
import { type Heard, type LiveClient, type LiveRequest, listenLive } from './live-client.ts'

interface Row {
  readonly id: number
  readonly title: string
}

eachDialect('live updates', (dialect) => {
  let tested: TestApp
  let server: Bun.Server<undefined>
  let url = ''
  beforeAll(async () => {
    tested = await testApp(app, { dialect, environment: { CORS_ORIGINS: 'https://shop.example' } })
    server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: (request) => tested.opened.http.fetch(request, '127.0.0.1'),
    })
    url = `http://127.0.0.1:${server.port}`
  })
  afterAll(async () => {
    await server.stop(true)
    await tested.close()
  })

  const tokenOf = async (who: string) => (await tested.as(who)).token
  const listen = async (who: string, models: string, more: Partial<LiveRequest> = {}) => {
    const client = await listenLive(url, { token: await tokenOf(who), models, ...more })
    const first = await client.next()
    return { ...client, first, ready: first?.event === 'ready' }
  }
  const create = async (who: string, title: string) =>
    (await tested.request<Row>(who, 'POST /api/me/tasks', { title })).body
  const message = (event: Heard | undefined) => event?.data as Record<string, unknown> | undefined

  test('each change is told after it, in order, as the row is answered', async () => {
    const client = await listen('ann', 'task')
    expect(client.headers.get('content-type')).toBe('text/event-stream')
    expect(client.headers.get('cache-control')).toBe('no-cache, no-transform')
    expect(client.headers.get('x-accel-buffering')).toBe('no')
    expect(client.first).toMatchObject({ event: 'ready', data: { resumed: false } })
    const task = await create('ann', 'first')
    expect(await client.next()).toMatchObject({
      event: 'message',
      data: { model: 'task', action: 'create', id: task.id, row: task },
    })
    const changed = await tested.request('ann', `PUT /api/me/tasks/${task.id}`, { title: 'second' })
    expect(message(await client.next())).toEqual({
      model: 'task',
      action: 'change',
      id: task.id,
      row: changed.body,
    })
    await tested.request('ann', `DELETE /api/me/tasks/${task.id}`)
    expect(message(await client.next())).toEqual({ model: 'task', action: 'remove', id: task.id })
    await client.leave()
  })

  test("nothing of another's rows, be he an admin", async () => {
    const [own, boss] = [await listen('ann', 'task'), await listen('admin', 'task,user')]
    await create('bob', "bob's")
    const { id } = await create('ann', "ann's")
    expect(message(await own.next())?.['id']).toBe(id)
    const { id: his } = await create('admin', 'mine')
    expect(message(await boss.next())).toMatchObject({ model: 'task', id: his })
    await Promise.all([own.leave(), boss.leave()])
  })

  test('a row that leaves the view is removed, one that comes back is created', async () => {
    const client = await listen('ann', 'item')
    const { body: item } = await tested.request<Row>('bob', 'POST /api/items', { name: 'Cup' })
    expect(message(await client.next())).toMatchObject({ action: 'create', id: item.id })
    await tested.request('bob', `DELETE /api/items/${item.id}`)
    expect(message(await client.next())).toEqual({ model: 'item', action: 'remove', id: item.id })
    await tested.request('admin', `POST /api/admin/items/${item.id}/toggle`)
    expect(message(await client.next())).toMatchObject({ action: 'create', id: item.id })
    await client.leave()
  })

  test('no secret leaves, and only the own user is told of', async () => {
    const client = await listen('ann', 'user')
    await tested.request('bob', 'PATCH /api/users/me', { name: 'Bob' })
    const { body } = await tested.request('ann', 'PATCH /api/users/me', { name: 'Ann' })
    expect(message(await client.next())?.['row']).toEqual(body)
    await client.leave()
  })

  describe('Last-Event-ID', () => {
    test('what was missed comes first', async () => {
      const client = await listen('ann', 'task')
      const { id } = await create('ann', 'seen')
      const seen = await client.next()
      await client.leave()
      const missed = await create('ann', 'missed')
      await create('bob', 'never')
      const back = await listen('ann', 'task', { lastEventId: seen?.id ?? '' })
      expect(back.first).toMatchObject({ event: 'ready', data: { resumed: true } })
      expect(message(await back.next())).toMatchObject({ id: missed.id, row: { title: 'missed' } })
      const next = await create('ann', 'next')
      expect(message(await back.next())).toMatchObject({ id: next.id })
      await back.leave()
      expect(id).toBeLessThan(missed.id)
    })

    // Who comes back at once does so while the change is on its way: several times, since that is not always so.
    test('from the first event on, which says nothing but that it listens', async () => {
      for (let time = 0; time < 10; time += 1) {
        const client = await listen('ann', 'task')
        await client.leave()
        const missed = await create('ann', 'missed')
        const back = await listen('ann', 'task', { lastEventId: client.first?.id ?? '' })
        expect(back.ready).toBe(true)
        expect(message(await back.next())).toMatchObject({ id: missed.id })
        await back.leave()
      }
    })

    test.each(['nonsense', `${'x'.repeat(5000)}`])(
      'of nobody: all must be read anew',
      async (id) => {
        const back = await listen('ann', 'task', { lastEventId: id })
        expect(back.first).toMatchObject({ data: { resumed: false } })
        expect(await back.next()).toMatchObject({ event: 'reset', data: { models: ['task'] } })
        await back.leave()
      },
    )
  })

  describe('ends', () => {
    async function ended(client: LiveClient): Promise<boolean> {
      for (;;) if ((await client.next()) === undefined) return true
    }

    test('at log-out, and tells nothing more; other sessions go on', async () => {
      const { username, password } = await tested.as('leaver')
      const logIn = async () => {
        const body = { username, password }
        return (await tested.request<{ token: string }>(null, 'POST /api/auth/login', body)).body
      }
      const [first, second] = [await logIn(), await logIn()]
      const going = await listenLive(url, { token: first.token, models: 'task' })
      const staying = await listenLive(url, { token: second.token, models: 'task' })
      expect((await Promise.all([going.next(), staying.next()])).length).toBe(2)
      const headers = { authorization: `Bearer ${first.token}` }
      await tested.request(null, 'POST /api/auth/logout', undefined, headers)
      await create('leaver', 'unheard')
      expect(await going.next()).toBeUndefined()
      expect(message(await staying.next())).toMatchObject({ row: { title: 'unheard' } })
      await staying.leave()
    })

    test('with the account', async () => {
      const client = await listen('banned', 'task')
      const { id } = await tested.as('banned')
      await tested.request('admin', `PATCH /api/admin/users/${id}`, { is_active: false })
      expect(await ended(client)).toBe(true)
    })

    test('with the role that let it in; who keeps his rows must read them anew', async () => {
      const { id } = await tested.as('admin-waning')
      const invites = await listen('admin-waning', 'invite')
      const tasks = await listen('admin-waning', 'task')
      await tested.request('admin', `PATCH /api/admin/users/${id}`, { role: 'user' })
      expect(await ended(invites)).toBe(true)
      expect(await tasks.next()).toMatchObject({ event: 'reset' })
      await tasks.leave()
    })

    test('with the token: nothing is told after that', async () => {
      const client = await listen('late', 'item')
      tested.clock.advance(25 * 3_600_000)
      const { body } = await tested.request<{ token: string }>(null, 'POST /api/auth/login', {
        username: 'admin',
        password: tested.config.adminPassword,
      })
      const headers = { authorization: `Bearer ${body.token}` }
      await tested.request(null, 'POST /api/items', { name: 'Late' }, headers)
      expect(await client.next()).toBeUndefined()
    })
  })

  describe('is refused', () => {
    test.each([
      ['nobody', null, 'task', 401],
      ['a model that is none', 'zoe', 'task,nothing', 400],
      ['a table of the kit', 'zoe', 'plinth_audit', 400],
      ['none at all', 'zoe', '', 400],
      ['rows that are for admins', 'zoe', 'task,invite', 403],
    ])('%s', async (...[, who, models, status]) => {
      const answer = await tested.request(who, `GET /api/live?models=${models}`)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        status,
        'application/problem+json',
      ])
    })
  })

  test('HEAD answers at once, and nobody listens', async () => {
    const answer = await tested.request('zoe', 'HEAD /api/live?models=task')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  })

  test('another origin that is allowed may read it', async () => {
    const response = await fetch(`${url}/api/live?models=task`, {
      headers: {
        authorization: `Bearer ${await tokenOf('zoe')}`,
        origin: 'https://shop.example',
      },
    })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    await response.body?.cancel()
  })

  // Where writes are cheap: a socket takes much before it is full.
  test.skipIf(dialect.name !== 'sqlite')(
    'who takes nothing is cut off, and others go on',
    async () => {
      const token = await tokenOf('slow')
      const quick = await listen('slow', 'task')
      const socket = connect(Number(server.port), '127.0.0.1')
      socket.write(
        `GET /api/live?models=task HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`,
      )
      await new Promise((resolve) => socket.once('data', resolve))
      socket.pause()
      const description = 'x'.repeat(1000)
      const { live } = tested.app
      if (!live) throw new Error('There are no live updates.')
      const hub = tested.opened.context.use(live.service)
      const listeners = hub.size
      const { id } = await create('slow', 'much')
      let told = 1
      while (hub.size === listeners && told < 200_000) {
        const work = Array.from({ length: 100 }, (_, at) =>
          tested.request('slow', `PUT /api/me/tasks/${id}`, {
            description: `${description.slice(10)}${told + at}`,
          }),
        )
        told += (await Promise.all(work)).length
      }
      expect(hub.size).toBe(listeners - 1)
      for (let heard = 0; heard < told; heard += 1) expect(await quick.next()).toBeDefined()
      socket.destroy()
      await quick.leave()
    },
    30_000,
  )
})
