import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'
import { tracking } from '#tools/tracking'

interface Item {
  readonly id: string
  readonly name: string
  readonly code: string
  readonly is_removed: boolean
}
interface Answered {
  readonly item: Item
}
interface Faulty {
  readonly code: string
  readonly errors: readonly { readonly path: string; readonly code: string }[]
}
interface Event {
  readonly action: string
  readonly item_id: string
  readonly notes: string | null
}

const at = '/api/tracking'
const items = `${at}/items`
const box = { name: 'Oat Drink', category: 'other' }

eachDialect('tracking', (dialect) => {
  let app: TestApp
  const open = async (environment: Record<string, string> = {}) =>
    testApp([accounts, tracking], { dialect, environment })
  beforeAll(async () => {
    app = await open()
  })
  afterAll(() => app.close())

  const ask = <T>(line: string, body?: unknown, who = 'staff-ana') =>
    app.request<T>(who, line, body)
  const add = async (code?: string, name = box.name, who?: string) =>
    (await ask<Answered>(`POST ${items}`, { ...box, name, code }, who)).body.item
  const statusOf = async (line: string, body?: unknown, who?: string) =>
    (await ask(line, body, who)).status
  const pathsOf = ({ body }: { readonly body: Faulty }) =>
    body.errors.map(({ path }) => path).sort()

  test('T1: what is right is trimmed and gets four digits; nobody 401; all faults at once', async () => {
    const body = { name: ' Coffee Beans ', category: 'coffee_beans' }
    const added = await ask<Answered>(`POST ${items}`, body)
    expect(added).toMatchObject({ status: 201, body: { item: { name: 'Coffee Beans' } } })
    expect(added.body.item.code).toMatch(/^[0-9]{4}$/)
    expect((await app.request(null, `POST ${items}`, body)).status).toBe(401)
    const bad: readonly (readonly [object, string])[] = [
      [{ name: 'x' }, 'name'],
      [{ name: 'x'.repeat(101) }, 'name'],
      [{ category: 'milk' }, 'category'],
      [{ code: '12' }, 'code'],
      [{ code: 1234 }, 'code'],
      [{ code: '１２３４' }, 'code'],
    ]
    for (const [part, path] of bad) {
      const answer = await ask<Faulty>(`POST ${items}`, { ...body, ...part })
      expect([part, answer.status, pathsOf(answer)]).toEqual([part, 400, [path]])
    }
    const all = await ask<Faulty>(`POST ${items}`, { name: 'x', category: 'milk', code: 1234 })
    expect([all.status, pathsOf(all)]).toEqual([400, ['category', 'code', 'name']])
  })

  test('T2: a code from box to box', async () => {
    const first = await add('0042')
    expect(first.code).toBe('0042')
    const again = await ask<Faulty>(`POST ${items}`, { ...box, code: '0042' })
    expect([again.status, again.body.errors]).toMatchObject([
      409,
      [{ path: 'code', code: 'taken' }],
    ])
    app.clock.advance(1000)
    expect(await ask(`DELETE ${items}/0042`)).toMatchObject({
      status: 200,
      body: { message: 'Item removed successfully', item: { id: first.id, is_removed: true } },
    })
    expect(await ask(`DELETE ${items}/0042`)).toMatchObject({
      status: 400,
      body: { code: 'already_removed', detail: 'Item already removed' },
    })
    expect(await statusOf(`DELETE ${items}/0043`)).toBe(404)
    expect(await statusOf(`POST ${items}`, { ...box, code: '0042' })).toBe(201)
    const byId = `POST ${items}/${first.id}/restore`
    const taken = await ask<Faulty>(byId)
    expect([taken.status, taken.body.errors]).toMatchObject([
      409,
      [{ path: 'code', code: 'taken' }],
    ])
    app.clock.advance(1000)
    const restored = await ask<Answered>(byId, { new_code: true })
    expect(restored).toMatchObject({ status: 200, body: { item: { is_removed: false } } })
    expect(restored.body.item.code).not.toBe('0042')
    const { body } = await ask<Event[]>(`GET ${at}/history`)
    const own = body.filter(({ item_id }) => item_id === first.id).map(({ action }) => action)
    expect(own).toEqual(['RESTORE', 'REMOVE', 'ADD'])
  })
})
