import type { Samples, TestAccount, TestApp } from '#kit/testing'

const path = '/api/rtde'

async function newItem({ request }: TestApp): Promise<string> {
  const body = { name: 'Cold Brew', par_level: 6 }
  return (await request<{ id: string }>('admin', `POST ${path}/admin/items`, body)).body.id
}

/** Sessions are personal: it is that of whoever asks. */
async function newSession({ request }: TestApp, account: TestAccount | undefined) {
  const who = account?.username ?? 'staff'
  const { body } = await request<{ session_id: string }>(who, `POST ${path}/sessions/start`)
  return `${path}/sessions/${body.session_id}`
}

export const rtdeSamples: Samples = {
  'rtde.get': async (app, account) => ({ path: await newSession(app, account) }),
  'rtde.count': async (app, account) => ({
    path: `${await newSession(app, account)}/count`,
    body: { item_id: await newItem(app), counted_quantity: 0 },
  }),
  'rtde.pull': async (app, account) => ({
    path: `${await newSession(app, account)}/pull`,
    body: { item_id: await newItem(app), is_pulled: true },
  }),
  'rtde.pull_list': async (app, account) => ({
    path: `${await newSession(app, account)}/pull-list?include_uncounted=true`,
  }),
  'rtde.complete': async (app, account) => ({
    path: `${await newSession(app, account)}/complete`,
  }),
  'admin.rtde.session': async (app, account) => ({
    path: (await newSession(app, account)).replace('/sessions/', '/admin/sessions/'),
  }),
  'admin.rtde_item.reorder': async (app) => {
    await newItem(app)
    const { body } = await app.request<{ id: string }[]>('admin', `GET ${path}/admin/items`)
    return { body: { item_orders: body.map(({ id }, at) => ({ id, display_order: at + 1 })) } }
  },
}
