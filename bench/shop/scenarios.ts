import { httpRequest } from '../load/sources.ts'
import { at, cycle, type Scenario } from '../scenarios.ts'
import { boxCount, flavours, shelves } from './basement.ts'
import { type Display, itemCount } from './display.ts'

/** Each is a change: the next time round the items, every number is another one. */
export const countItem = ({ itemIds, sessionOf }: Display): Scenario => ({
  title: 'RTD&E count (durable)',
  status: 200,
  toFeed: (sessions) =>
    cycle((index) => {
      const { userId, token } = at(sessions, index)
      const turn = Math.floor(index / sessions.length)
      const item_id = at(itemIds, turn)
      const counted_quantity = Math.floor(turn / itemCount) + 11
      const path = `/api/rtde/sessions/${sessionOf.get(userId)}/count`
      return httpRequest({ method: 'PUT', path, token, body: { item_id, counted_quantity } })
    }),
})

export const readPullList = ({ sessionOf }: Display): Scenario => ({
  title: `RTD&E pull list of ${itemCount}`,
  status: 200,
  isReading: true,
  toFeed: (sessions) =>
    cycle((index) => {
      const { userId, token } = at(sessions, index)
      const path = `/api/rtde/sessions/${sessionOf.get(userId)}/pull-list`
      return httpRequest({ method: 'GET', path, token })
    }),
})

/** Somebody types, alone: from the second letter on he is answered after each. */
export const suggestNames: Scenario = {
  title: `suggestions among ${boxCount.toLocaleString('en')} boxes`,
  status: 200,
  isReading: true,
  connections: 1,
  toFeed: (sessions) =>
    cycle((index) => {
      const { token } = at(sessions, index)
      const flavour = at(flavours, Math.floor(index / shelves.length))
      const part = flavour.slice(0, 2 + (index % 5)).toLowerCase()
      const path = `/api/tracking/items/search?q=${part}&category=${at(shelves, index)}`
      return httpRequest({ method: 'GET', path, token })
    }),
}
