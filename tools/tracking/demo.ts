import type { Demo, DemoStep, Stage } from '#kit/tool'
import { type Category, categories } from './categories.ts'
import { TrackingHistory } from './model.ts'
import { templates } from './seed.ts'

const people = ['demo-ana', 'demo-ben', 'demo-chloe'] as const
const path = '/api/tracking'

interface Box {
  readonly code: string
}

/** A name of a category, both drawn. */
function nameFrom({ draw }: Stage): { readonly name: string; readonly category: Category } {
  const category = categories[draw(categories.length)] ?? 'other'
  const names = templates[category]
  return { name: names[draw(names.length)] ?? '', category }
}

function someone({ draw }: Stage): string {
  return people[draw(people.length)] ?? people[0]
}

/** A delivery: several boxes of each of some names. */
const deliver =
  (names: number): DemoStep['run'] =>
  async (stage) => {
    const items = Array.from({ length: names }, () => ({
      ...nameFrom(stage),
      quantity: 1 + stage.draw(4),
    }))
    await stage.send(someone(stage), `POST ${path}/items/bulk`, { items })
  }

/** A box that came alone: its code is reserved, written on it, and saved. */
const addOne: DemoStep['run'] = async (stage) => {
  const who = someone(stage)
  const { code } = await stage.send<Box>(who, `POST ${path}/codes`)
  await stage.send(who, `POST ${path}/items`, { ...nameFrom(stage), code })
}

/** What is needed upstairs: the oldest boxes, of which one is put back now and then. */
const fetchSome: DemoStep['run'] = async (stage) => {
  const who = someone(stage)
  const oldest = await stage.send<Box[]>(who, `GET ${path}/items?sort=added_at&limit=20`)
  const wanted = 1 + stage.draw(4)
  for (const { code } of oldest.filter((_, at) => at % 3 === 0).slice(0, wanted))
    await stage.send(who, `DELETE ${path}/items/${code}`)
  const [first] = oldest
  if (first && stage.draw(4) === 0)
    await stage.send(who, `POST ${path}/items/${first.code}/restore`)
}

/** A name was mistyped. */
const correct: DemoStep['run'] = async (stage) => {
  const [newest] = await stage.send<(Box & { name: string })[]>(
    'demo-ben',
    `GET ${path}/items?limit=1`,
  )
  if (!newest) return
  const name = newest.name.endsWith(' (large)')
    ? newest.name.slice(0, -8)
    : `${newest.name} (large)`
  await stage.send('demo-ben', `PATCH ${path}/items/${newest.code}`, { name })
}

function stepsOf(day: number): DemoStep[] {
  const isDelivery = day % 3 === 0
  return [
    ...(isDelivery ? [{ day, time: '07:40', run: deliver(day === 0 ? 12 : 5) }] : []),
    { day, time: '10:20', run: fetchSome },
    ...(day % 2 === 0 ? [{ day, time: '12:05', run: addOne }] : []),
    { day, time: '15:45', run: fetchSome },
    ...(day % 5 === 4 ? [{ day, time: '16:30', run: correct }] : []),
  ]
}

/** Boxes that come every third day, and are fetched twice a day. */
export const demo: Demo = {
  history: [TrackingHistory],
  steps: (days) => Array.from({ length: days }, (_, day) => stepsOf(day)).flat(),
}
