import { app } from '#app'
import { contract, eachDialect, type Samples, type TestApp } from '#kit/testing'
import { fileSamples } from './samples/files.ts'
import { milkCountSamples } from './samples/milk-count.ts'
import { rtdeSamples } from './samples/rtde.ts'
import { trackingSamples } from './samples/tracking.ts'

let count = 0
const newName = () => `newcomer-${++count}`
const password = 'a password nobody has'

async function newItem({ request }: TestApp): Promise<number> {
  const { body } = await request<{ id: number }>('user', 'POST /api/items', { name: 'Cup' })
  return body.id
}

/** What the declarations cannot say: secrets that must be right, and who has one. */
const samples: Samples = {
  ...fileSamples,
  ...trackingSamples,
  ...milkCountSamples,
  ...rtdeSamples,
  'auth.register': () => ({ body: { username: newName(), password, name: 'New' } }),
  'auth.signup': () => ({ body: { email: `${newName()}@example.com`, password } }),
  'auth.login': async ({ as }) => {
    const { username, password: own } = await as('user')
    return { body: { username, password: own } }
  },
  'auth.refresh': async ({ as }) => ({
    body: { refresh_token: (await as(newName())).refreshToken },
  }),
  'auth.change_password': (_, account) => ({
    body: { current_password: account?.password, new_password: `${password}, indeed` },
  }),
  'auth.change_pin': (_, account) => ({ body: { current_pin: account?.pin, new_pin: '2846' } }),
  'admin.user.reset_pin': async ({ as }) => {
    const { id } = await as(`partner-${newName()}`)
    return { path: `/api/admin/users/${id}/reset-pin` }
  },
  'admin.item.create': () => ({ body: { name: 'Cup' } }),
  'admin.item.change': () => ({ body: { name: 'Mug', user_id: null } }),
  'admin.item.restore': async (app) => {
    const id = await newItem(app)
    await app.request('user', `DELETE /api/items/${id}`)
    return { path: `/api/admin/items/${id}/restore` }
  },
  'admin.audit.undo': async (app) => {
    const query = `model=item&row_id=${await newItem(app)}`
    const { body } = await app.request<{ id: string }[]>('admin', `GET /api/admin/audit?${query}`)
    return { path: `/api/admin/audit/${body[0]?.id}/undo` }
  },
  'item.get': async (app) => ({ path: `/api/items/${await newItem(app)}` }),
}

eachDialect('the contract', (dialect) => contract(app, { samples, dialect }))
