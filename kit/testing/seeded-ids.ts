import type { Clock, Ids } from '#kit/core'

/** Identifiers that are the same on every run: UUIDs of version 7 that count up. */
export function seededIds(clock: Clock, seed: number = 0): Ids {
  let count = 0
  const seedPart = `7${toHex(seed, 3)}`
  return Object.freeze({
    uuid: () => {
      count += 1
      const time = toHex(clock.nowMs(), 12)
      return `${time.slice(0, 8)}-${time.slice(8)}-${seedPart}-8000-${toHex(count, 12)}`
    },
  })
}

function toHex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0').slice(-digits)
}
