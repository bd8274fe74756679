import type { Feed } from './load/job.ts'
import { httpRequest } from './load/sources.ts'
import { loginName, loginUsers, password } from './seed.ts'
import type { Session } from './sessions.ts'

/** How many different requests a feed holds. */
const requestCount = 8192

/** One kind of request, as it is sent to every server. */
export interface Scenario {
  readonly title: string
  readonly status: number
  /** Answers what was there before: the same from every server, to the last letter. */
  readonly isReading?: true
  /** Most connections that make sense. */
  readonly connections?: number
  /** Where a request takes long: how many are measured, instead of for how long, in a full run. */
  readonly requests?: number
  readonly toFeed: (sessions: readonly Session[]) => Feed
}

export const readOne: Scenario = {
  title: 'read one task',
  status: 200,
  isReading: true,
  toFeed: (sessions) =>
    cycle((index) => {
      const { userId, token, tasks } = at(sessions, index)
      // A stride that shares no factor with the count: no two neighbours, and in each turn others.
      const id = at(tasks, index * 617 + Math.floor(index / sessions.length))
      return httpRequest({ method: 'GET', path: `/api/${userId}/tasks/${id}`, token })
    }),
}

export const listPage: Scenario = {
  title: 'list 20 of 1,000',
  status: 200,
  isReading: true,
  toFeed: (sessions) =>
    cycle((index) => {
      const { userId, token } = at(sessions, index)
      return httpRequest({ method: 'GET', path: `/api/${userId}/tasks?limit=20`, token })
    }),
}

export const createDurably: Scenario = {
  title: 'create (durable)',
  status: 201,
  toFeed: (sessions) =>
    cycle((index) => {
      const { userId, token } = at(sessions, index)
      const body = { title: `Task of the bench ${index}`, description: 'Two litres of milk.' }
      return httpRequest({ method: 'POST', path: `/api/${userId}/tasks`, token, body })
    }),
}

/** Each change is one: two requests that follow each other name the same task and another title. */
export const changeDurably: Scenario = {
  title: 'change (durable)',
  status: 200,
  toFeed: (sessions) =>
    cycle((index) => {
      const pair = index >> 1
      const { userId, token, tasks } = at(sessions, pair)
      const id = at(tasks, pair * 617 + Math.floor(pair / sessions.length))
      const body = { title: `Task of the bench ${index}` }
      return httpRequest({ method: 'PUT', path: `/api/${userId}/tasks/${id}`, token, body })
    }),
}

/** Each log-in hashes for a quarter of a second: more at once would only wait longer. */
export const logIn: Scenario = {
  title: 'log in (bcrypt, cost 12)',
  status: 200,
  connections: 4,
  requests: 24,
  toFeed: () =>
    cycle((index) => {
      const body = { username: loginName(index % loginUsers), password }
      return httpRequest({ method: 'POST', path: '/api/auth/login', body })
    }, loginUsers),
}

export const refresh: Scenario = {
  title: 'refresh',
  status: 200,
  toFeed: (sessions) => ({
    kind: 'refresh',
    path: '/api/auth/refresh',
    tokens: sessions.map(({ refreshToken }) => refreshToken),
  }),
}

export function cycle(toRequest: (index: number) => string, count = requestCount): Feed {
  return { kind: 'cycle', requests: Array.from({ length: count }, (_, index) => toRequest(index)) }
}

/** The item at this place, counted round and round. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('There is nothing to choose from.')
  return item
}
