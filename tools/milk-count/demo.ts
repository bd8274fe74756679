import type { Demo, DemoStep, Stage } from '#kit/tool'
import { MilkSession } from './model.ts'

const path = '/api/milk-count/sessions'
const people = ['demo-chloe', 'demo-dan', 'demo-ana', 'demo-eve'] as const

interface Line {
  readonly milk_type_id: string
  readonly boh_count: number | null
}

interface Current {
  readonly session: { readonly id: string } | null
}

const personOf = (at: number) => people[at % people.length] ?? people[0]

async function entriesOf({ send }: Stage, who: string, id: string): Promise<readonly Line[]> {
  return (await send<{ entries: Line[] }>(who, `GET ${path}/${id}`)).entries
}

/** Before the shop closes: first what stands in front, then what stands in the back. */
async function countAtNight(stage: Stage, [front, back]: readonly [string, string]): Promise<void> {
  const { send, draw } = stage
  const { session } = await send<{ session: { id: string } }>(front, `POST ${path}/start`)
  const lines = await entriesOf(stage, front, session.id)
  const counts = (member: string, below: number) =>
    lines.map(({ milk_type_id }) => ({ milk_type_id, [member]: draw(below) }))
  await send(front, `PUT ${path}/${session.id}/night-foh`, { counts: counts('foh_count', 10) })
  await send(back, `PUT ${path}/${session.id}/night-boh`, { counts: counts('boh_count', 22) })
}

/** What came is counted with the rest of the back, or read off the delivery note. */
async function countInTheMorning(stage: Stage, who: string): Promise<void> {
  const { send, draw } = stage
  const { session } = await send<Current>(who, `GET ${path}/current`)
  if (!session) return
  const lines = await entriesOf(stage, who, session.id)
  const counts = lines.map(({ milk_type_id, boh_count }) =>
    draw(3) === 0
      ? { milk_type_id, method: 'direct_delivered', delivered: draw(9) }
      : { milk_type_id, method: 'boh_count', current_boh: (boh_count ?? 0) + draw(12) },
  )
  await send(who, `PUT ${path}/${session.id}/morning`, { counts })
}

async function order(stage: Stage, who: string): Promise<void> {
  const { send, draw } = stage
  const { session } = await send<Current>(who, `GET ${path}/current`)
  if (!session) return
  const lines = await entriesOf(stage, who, session.id)
  const on_orders = lines.map(({ milk_type_id }) => ({
    milk_type_id,
    on_order: draw(4) === 0 ? draw(6) : 0,
  }))
  await send(who, `PUT ${path}/${session.id}/on-order`, { on_orders })
}

/** Two crates stood behind the door: the night's count is put right in the morning. */
async function correct(stage: Stage, who: string): Promise<void> {
  const { session } = await stage.send<Current>(who, `GET ${path}/current`)
  if (!session) return
  const lines = await entriesOf(stage, who, session.id)
  const counts = lines.map(({ milk_type_id, boh_count }, at) => ({
    milk_type_id,
    boh_count: (boh_count ?? 0) + (at === 0 ? 2 : 0),
  }))
  const body = { counts, correction: true }
  await stage.send(who, `PUT ${path}/${session.id}/night-boh`, body)
}

function stepsOf(day: number): DemoStep[] {
  const [front, back, early, late] = [day, day + 1, day + 2, day + 3].map(personOf) as [
    string,
    string,
    string,
    string,
  ]
  return [
    { day, time: '20:50', run: (stage) => countAtNight(stage, [front, back]) },
    { day: day + 1, time: '05:25', run: (stage) => countInTheMorning(stage, early) },
    ...(day % 6 === 4
      ? [{ day: day + 1, time: '05:32', run: (stage: Stage) => correct(stage, early) }]
      : []),
    { day: day + 1, time: '05:40', run: (stage) => order(stage, late) },
  ]
}

/** Each night and the morning after; now and then a count is put right. */
export const demo: Demo = {
  history: [MilkSession],
  steps: (days) => Array.from({ length: days }, (_, day) => stepsOf(day)).flat(),
}
