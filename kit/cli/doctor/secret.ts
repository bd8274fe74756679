import { existsSync } from 'node:fs'
import { secretFileOf, weaknessOf } from '#kit/core'
import { type Check, doubtful, sound } from './check.ts'

/** A secret that production would refuse is refused by the configuration already; here it is doubtful. */
export const secretCheck: Check = {
  name: 'secret',
  look: ({ config }) => {
    if (config === undefined) return []
    if (config.secret === undefined) return [sound(whereKept(secretFileOf(config.database)))]
    const weakness = weaknessOf(config.secret)
    const older = config.oldSecrets?.length ?? 0
    return weakness === undefined
      ? [
          sound(
            `set, ${config.secret.length} characters${older > 0 ? `; older ones verify still: ${older}` : ''}`,
          ),
        ]
      : [doubtful(`JWT_SECRET_KEY: ${weakness}`, 'Make one with: openssl rand -base64 32')]
  },
}

function whereKept(file: string): string {
  return existsSync(file) ? `kept in ${file}` : `not made yet: the first start keeps one in ${file}`
}
