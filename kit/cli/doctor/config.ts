import { parseConfig } from '#kit/core'
import { broken, type Check, dataFileOf, sound } from './check.ts'

export const configCheck: Check = {
  name: 'config',
  look: ({ environment }) => {
    const parsed = parseConfig(environment)
    if (!parsed.ok)
      return parsed.errors.map(({ variable, problem, repair }) =>
        broken(`${variable}: ${problem}`, repair),
      )
    const { env, port } = parsed.value
    return [sound(`${env}, port ${port}, database ${dataFileOf(parsed.value) ?? 'on a server'}`)]
  },
}
