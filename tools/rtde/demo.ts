import type { Demo, DemoStep, Stage } from '#kit/tool'
import { RtdeRestock, RtdeSession } from './model.ts'
import type { SessionItem } from './rules.ts'

const path = '/api/rtde'
const people = ['demo-ana', 'demo-ben', 'demo-chloe', 'demo-dan'] as const

interface Round {
  readonly who: string
  readonly id: string
  readonly items: readonly SessionItem[]
}

async function begin({ send }: Stage, who: string): Promise<Round> {
  const { session_id: id } = await send<{ session_id: string }>(who, `POST ${path}/sessions/start`)
  const { items } = await send<{ items: SessionItem[] }>(who, `GET ${path}/sessions/${id}`)
  return { who, id, items }
}

/** Counts so many of the items; one in twenty is behind something and stays uncounted. */
async function count({ send, draw }: Stage, { who, id, items }: Round, most: number) {
  for (const { item_id, par_level } of items.slice(0, most)) {
    if (draw(20) === 0) continue
    const counted_quantity = draw(par_level + 2)
    await send(who, `PUT ${path}/sessions/${id}/count`, { item_id, counted_quantity })
  }
}

/** Fetches what is on the list; one in fifteen has run out in the back. */
async function fetchList({ send, draw }: Stage, { who, id }: Round) {
  const list = `GET ${path}/sessions/${id}/pull-list`
  const { pull_list } = await send<{ pull_list: SessionItem[] }>(who, list)
  for (const { item_id } of pull_list)
    if (draw(15) > 0)
      await send(who, `PUT ${path}/sessions/${id}/pull`, { item_id, is_pulled: true })
  await send(who, `POST ${path}/sessions/${id}/complete`)
}

async function restock(stage: Stage, who: string): Promise<void> {
  const round = await begin(stage, who)
  await count(stage, round, round.items.length)
  await fetchList(stage, round)
}

/** Somebody is called away, and the session runs out. */
async function giveUp(stage: Stage, who: string): Promise<void> {
  await count(stage, await begin(stage, who), 6)
}

const personOf = (at: number) => people[at % people.length] ?? people[0]

function stepsOf(day: number): DemoStep[] {
  return [
    { day, time: '10:30', run: (stage) => restock(stage, personOf(day)) },
    ...(day % 5 === 3
      ? [{ day, time: '14:10', run: (stage: Stage) => giveUp(stage, personOf(day + 2)) }]
      : []),
    { day, time: '16:40', run: (stage) => restock(stage, personOf(day + 1)) },
  ]
}

/** Iced tea sells in the afternoons: there is to be more of it. */
const morePar: DemoStep = {
  day: 6,
  time: '08:15',
  run: async ({ send }) => {
    const items = await send<{ id: string; name: string; par_level: number }[]>(
      'admin',
      `GET ${path}/admin/items`,
    )
    const tea = items.find(({ name }) => name === 'Iced Tea Peach') ?? items[0]
    if (!tea) return
    const par_level = tea.par_level + 4
    await send('admin', `PUT ${path}/admin/items/${tea.id}`, { par_level })
  },
}

/** Two rounds a day. */
export const demo: Demo = {
  history: [RtdeSession, RtdeRestock],
  steps: (days) => [
    ...Array.from({ length: days }, (_, day) => stepsOf(day)).flat(),
    ...(days > morePar.day ? [morePar] : []),
  ],
}
