import type { Contestant } from '../contest.ts'
import { flavours, shelves } from './basement.ts'

interface Suggestion {
  readonly name: string
  readonly source: string
  readonly count: number
}

/** Throws where what is typed finds no boxes or no templates: then its time says nothing. */
export async function assertSuggesting({ server, sessions }: Contestant): Promise<void> {
  const ask = async (part: string, limit: number) => {
    const query = new URLSearchParams({ q: part, category: shelves[0], limit: String(limit) })
    const response = await fetch(
      `http://127.0.0.1:${server.port}/api/tracking/items/search?${query}`,
      {
        headers: { authorization: `Bearer ${sessions[0]?.token}` },
      },
    )
    return (await response.json()) as Suggestion[]
  }
  const boxes = await ask(flavours[0], 8)
  const templates = await ask('no. ', 8)
  const isRight =
    boxes.length === 8 &&
    boxes.every(
      ({ name, source, count }) => name.includes(flavours[0]) && source === 'existing' && count > 1,
    ) &&
    templates.length === 8 &&
    templates.every(({ source }) => source === 'template')
  if (!isRight) throw new Error(`Suggestions are wrong: ${JSON.stringify({ boxes, templates })}`)
}
