import type { Samples, TestApp } from '#kit/testing'

const path = '/api/tracking'
const items = `${path}/items`
const box = { name: 'Oat Drink', category: 'other' }

interface Added {
  readonly item: { readonly id: string; readonly code: string }
}

async function newItem({ request }: TestApp): Promise<Added['item']> {
  return (await request<Added>('staff', `POST ${items}`, box)).body.item
}

async function removedItem(app: TestApp): Promise<Added['item']> {
  const item = await newItem(app)
  await app.request('staff', `DELETE ${items}/${item.id}`)
  return item
}

/** Boxes are named by id or code, and a code must be one that is in use, or that somebody holds. */
export const trackingSamples: Samples = {
  'tracking.item.create': () => ({ body: box }),
  'tracking.item.get': async (app) => ({ path: `${items}/${(await newItem(app)).code}` }),
  'tracking.item.change': async (app) => ({
    path: `${items}/${(await newItem(app)).id}`,
    body: { name: 'Soy Drink' },
  }),
  'tracking.item.remove': async (app) => ({ path: `${items}/${(await newItem(app)).id}` }),
  'tracking.item.restore': async (app) => ({
    path: `${items}/${(await removedItem(app)).id}/restore`,
    body: { new_code: true },
    other: {},
  }),
  'tracking.item.search': () => ({ path: `${items}/search?category=other&q=oat` }),
  'tracking.item.bulk_create': () => ({
    body: { items: [{ ...box, quantity: 2 }, box] },
    other: { items: [box] },
  }),
  'tracking.item.bulk_remove': async (app) => ({
    body: { codes: [(await newItem(app)).code] },
  }),
  'tracking.code.release': async ({ request }, account) => {
    const who = account?.username ?? 'staff'
    const { body } = await request<{ code: string }>(who, `POST ${path}/codes`)
    return { path: `${path}/codes/${body.code}` }
  },
}
