import { expect, test } from 'bun:test'
import { parseConfig } from '#kit/core'
import { environment } from './environment.ts'

/** Older names of variables, which the help mentions beside the ones that replaced them. */
const aliases = [
  ...['NODE_ENV', 'FLASK_ENV', 'FLASK_RUN_PORT', 'SECRET_KEY', 'SECRET_KEY_FALLBACKS'],
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
]

test('the help names exactly the variables that the configuration reads', () => {
  const read = new Set<string>()
  const spy = new Proxy({} as Record<string, string>, {
    get: (_, name) => {
      read.add(String(name))
      return undefined
    },
  })
  parseConfig(spy)
  expect(Object.keys(environment).concat(aliases).sort()).toEqual([...read].sort())
  for (const alias of aliases)
    expect(Object.values(environment).some(({ otherwise }) => otherwise.includes(alias))).toBe(true)
})
