import type { Samples, TestApp } from '#kit/testing'

const api = '/api/milk-count'

interface Whole {
  readonly session: { readonly id: string; readonly status: string } | null
  readonly entries: readonly { readonly milk_type_id: string }[]
}

let days = 0
let milks = 0

/** A date of its own for each: the days count on from the first of 1990. */
function newDate(): string {
  days += 1
  return new Date(Date.UTC(1990, 0, days)).toISOString().slice(0, 10)
}

async function newMilk({ request }: TestApp): Promise<string> {
  milks += 1
  const body = { name: `Milk ${milks}`, category: 'dairy' }
  const made = await request<{ id: string }>('admin', `POST ${api}/admin/milk-types`, body)
  // No more of them than can be active.
  await request('admin', `PUT ${api}/admin/milk-types/${made.body.id}`, { active: milks === 1 })
  return made.body.id
}

type Line = readonly [list: string, values: object]

const lines: Readonly<Record<string, Line>> = {
  night_foh: ['counts', { foh_count: 1 }],
  night_boh: ['counts', { boh_count: 2 }],
  morning: ['counts', { method: 'boh_count', current_boh: 3 }],
  on_order: ['on_orders', { on_order: 4 }],
}

async function phaseOf({ request }: TestApp, id: string, phase: string) {
  const { body } = await request<Whole>('admin', `GET ${api}/sessions/${id}`)
  const [list = '', values] = lines[phase] ?? []
  return {
    path: `${api}/sessions/${id}/${phase.replace('_', '-')}`,
    body: { [list]: body.entries.map(({ milk_type_id }) => ({ milk_type_id, ...values })) },
  }
}

/** Saves what is due until this phase is. */
async function bringTo(app: TestApp, id: string, until: string): Promise<void> {
  for (const phase of Object.keys(lines)) {
    const { body } = await app.request<Whole>('admin', `GET ${api}/sessions/${id}`)
    if (body.session?.status === until) return
    const saved = await phaseOf(app, id, phase)
    await app.request('admin', `PUT ${saved.path}`, saved.body)
  }
}

/** Sees to it that none is under way, and that today is free. */
async function clear(app: TestApp): Promise<void> {
  const { body } = await app.request<Whole>('admin', `GET ${api}/sessions/current`)
  if (!body.session) return
  const { id } = body.session
  await bringTo(app, id, 'completed')
  await app.request('admin', `PATCH ${api}/admin/sessions/${id}`, { session_date: newDate() })
}

async function newSession(app: TestApp, until = 'night_foh'): Promise<string> {
  if (milks === 0) await newMilk(app)
  const active = await app.request<unknown[]>('admin', `GET ${api}/milk-types`)
  if (active.body.length === 0) {
    milks = 0
    await newMilk(app)
  }
  await clear(app)
  const { body } = await app.request<Whole>('admin', `POST ${api}/sessions/start`)
  const id = body.session?.id ?? ''
  await bringTo(app, id, until)
  return id
}

const sessionAt = (suffix: string) => async (app: TestApp) => ({
  path: `${api}/sessions/${await newSession(app)}${suffix}`,
})

const phase = (name: string) => async (app: TestApp) =>
  phaseOf(app, await newSession(app, name), name)

export const milkCountSamples: Samples = {
  'milk_count.start': async (app) => {
    await newSession(app)
    await clear(app)
    return { body: {}, other: { session_date: '2025-12-31' } }
  },
  'milk_count.get': sessionAt(''),
  'milk_count.summary': sessionAt('/summary'),
  'milk_count.night_foh': phase('night_foh'),
  'milk_count.night_boh': phase('night_boh'),
  'milk_count.morning': phase('morning'),
  'milk_count.on_order': phase('on_order'),
  'admin.milk_count.reopen': async (app) => ({
    path: `${api}/admin/sessions/${await newSession(app, 'completed')}/reopen`,
    body: { par: 'current' },
    other: { par: 'keep' },
  }),
  'admin.milk_count.redate': async (app) => ({
    path: `${api}/admin/sessions/${await newSession(app)}`,
    body: { session_date: newDate() },
  }),
  'admin.milk_type.change': async (app) => ({
    path: `${api}/admin/milk-types/${await newMilk(app)}`,
    body: { name: `Milk again ${milks}`, active: false },
  }),
  'admin.milk_type.reorder': async (app) => {
    const { body } = await app.request<{ id: string }[]>('admin', `GET ${api}/milk-types`)
    const item_orders = body.map(({ id }, at) => ({ id, display_order: at + 1 }))
    return { body: { item_orders } }
  },
  'admin.milk_par.change': async (app) => ({
    path: `${api}/admin/par-levels/${await newMilk(app)}`,
    body: { par_value: 12 },
  }),
}
