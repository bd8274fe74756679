import { afterAll, beforeAll, expect, test } from 'bun:test'
import { z } from 'zod'
import { csvOf, defineRoute, idParam, objectOf, orNull, pageOf } from '#kit/http'
import { defineModel, f } from '#kit/model'
import { type Answer, eachDialect, type TestApp, testApp } from '#kit/testing'
import { defineTool } from '#kit/tool'
import { accounts, User } from '#tools/accounts'

const Note = defineModel('note', {
  owner: { field: 'user_id', of: User, named: true },
  access: { read: 'staff', write: 'staff' },
  fields: {
    text: f.text({ max: 20 }),
    read_by: f.reference(User).optional().readonly().named(),
  },
})
const id = idParam(Note)
const text = z.strictObject({ text: z.string() })
const at = { access: 'staff', path: '/api/notes/:id', params: { id } } as const

const notes = defineTool({
  name: 'notes',
  models: [Note],
  migrations: '',
  routes: [
    defineRoute({
      ...{ name: 'note.create', summary: 'Create', access: 'staff', path: '/api/notes' },
      method: 'POST',
      body: text,
      status: 201,
      result: Note,
      handle: ({ db, body, actor }) => db(Note).create({ ...body, user_id: actor.id }),
    }),
    defineRoute({
      ...{ name: 'note.list', summary: 'List', access: 'staff', path: '/api/notes' },
      method: 'GET',
      result: csvOf(pageOf(Note), {
        name: 'notes',
        columns: ['text', 'user_name', 'read_by_name'],
      }),
      handle: ({ db }) => db(Note).list({ sort: 'created_at' }),
    }),
    defineRoute({
      ...at,
      name: 'note.get',
      summary: 'Get',
      method: 'GET',
      result: objectOf(
        { note: Note, others: [Note], first: orNull(Note), count: z.int() },
        { entity: 'note' },
      ),
      handle: async ({ db, params }) => ({
        note: await db(Note).get(params.id),
        others: (await db(Note).list({ where: { id: { ne: params.id } as never } })).rows,
        first: null,
        count: await db(Note).count(),
      }),
    }),
    defineRoute({
      ...{ name: 'note.read', summary: 'Read', access: 'staff', path: '/api/notes/:ref/read' },
      method: 'POST',
      entity: Note,
      result: objectOf({ note: Note }, { entity: 'note' }),
      handle: ({ db, params: { ref }, actor }) =>
        db(Note)
          .get({ text: ref })
          .then(async (found) => ({
            note: await db(Note).change(found.id, () => ({ read_by: actor.id })),
          })),
    }),
  ],
})

interface Shown {
  readonly id: string
  readonly user_name: string | null
  readonly read_by: string | null
  readonly read_by_name: string | null
}

eachDialect('people in answers', (dialect) => {
  let app: TestApp
  let first: Answer<Shown>
  beforeAll(async () => {
    app = await testApp([accounts, notes], { dialect })
    first = await app.request<Shown>('staff-ann', 'POST /api/notes', { text: 'One' })
    await app.request('staff-ben', 'POST /api/notes', { text: 'Two' })
    const { id: ann } = await app.as('staff-ann')
    await app.request('admin', `PATCH /api/admin/users/${ann}`, { name: 'Ann' })
    await app.request('admin', `DELETE /api/admin/users/${ann}`)
  })
  afterAll(() => app.close())

  test('a row, a list, an object: by name, else username; deactivated people too', async () => {
    expect(first.body).toMatchObject({ user_name: 'staff-ann', read_by: null, read_by_name: null })
    const list = await app.request<Shown[]>('staff-ben', 'GET /api/notes')
    expect(list.body.map(({ user_name }) => user_name)).toEqual(['Ann', 'staff-ben'])
    const { body } = await app.request('staff-ben', `GET /api/notes/${first.body.id}`)
    expect(body).toMatchObject({
      note: { user_name: 'Ann' },
      others: [{ user_name: 'staff-ben', read_by_name: null }],
      first: null,
      count: 2,
    })
  })

  test('in CSV', async () => {
    const { text: csv } = await app.request('staff-ben', 'GET /api/notes?format=csv')
    expect(csv).toBe('text,user_name,read_by_name\r\nOne,Ann,\r\nTwo,staff-ben,\r\n')
  })

  test('the entity tag is that of the row: a name that changes makes nothing stale', async () => {
    const { id: ben } = await app.as('staff-ben')
    const seen = await app.request('staff-ben', `GET /api/notes/${first.body.id}`)
    await app.request('admin', `PATCH /api/admin/users/${ben}`, { name: 'Ben' })
    const tag = seen.headers.get('etag') ?? ''
    expect(first.headers.get('etag')).toBe(tag)
    const read = (etag: string) =>
      app.request<{ note: Shown }>('staff-ben', 'POST /api/notes/One/read', undefined, {
        'if-match': etag,
      })
    const done = await read(tag)
    expect([done.status, done.body.note.read_by_name]).toEqual([200, 'Ben'])
    expect(done.headers.get('etag')).not.toBe(tag)
    expect([(await read(tag)).status, (await read('*')).status]).toEqual([412, 200])
  })

  test('the documents tell of the names', async () => {
    const { body } = await app.request<{ components: { schemas: Record<string, object> } }>(
      null,
      'GET /openapi.json',
    )
    expect(body.components.schemas['Note']).toMatchObject({
      required: expect.arrayContaining(['user_name', 'read_by_name']),
      properties: { user_name: { type: ['string', 'null'] } },
    })
  })
})

test('only a reference to people can be named', () => {
  const define = () =>
    defineModel('odd', {
      access: { read: 'staff', write: 'staff' },
      fields: { note_id: f.reference(Note).named() },
    })
  expect(define).toThrow('no reference to people')
})
