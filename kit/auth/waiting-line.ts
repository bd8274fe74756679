/** Who is inside at each key, and who waits for them to come out. In this process alone. */
export interface WaitingLine {
  /** Goes in. The answer tells whether somebody has left a key since. */
  enter(keys: readonly string[]): (key: string) => boolean
  /** Goes out and lets one who waits at each key try his luck. */
  leave(keys: readonly string[]): void
  /** Goes out without making room: one who waits is called only where nobody is left inside to do so. */
  stepAside(keys: readonly string[]): void
  isBusy(key: string): boolean
  /** Resolves when it is worth another try; undefined where too many wait already. */
  wait(key: string): Promise<void> | undefined
}

interface Place {
  inside: number
  left: number
  readonly waiting: (() => void)[]
}

export function createWaitingLine(longest: number): WaitingLine {
  const places = new Map<string, Place>()
  const placeOf = (key: string) => {
    const place = places.get(key) ?? { inside: 0, left: 0, waiting: [] }
    places.set(key, place)
    return place
  }
  const goOut = (key: string, makesRoom: (place: Place) => boolean) => {
    const place = placeOf(key)
    place.inside -= 1
    if (makesRoom(place)) place.waiting.shift()?.()
    if (place.inside === 0 && place.waiting.length === 0) places.delete(key)
  }
  return Object.freeze({
    enter: (keys: readonly string[]) => {
      const before = new Map<string, number>()
      for (const key of keys) {
        const place = placeOf(key)
        place.inside += 1
        before.set(key, place.left)
      }
      return (key: string) => before.get(key) !== places.get(key)?.left
    },
    leave: (keys: readonly string[]) => {
      for (const key of keys) {
        placeOf(key).left += 1
        goOut(key, () => true)
      }
    },
    stepAside: (keys: readonly string[]) => {
      for (const key of keys) goOut(key, ({ inside }) => inside === 0)
    },
    isBusy: (key: string) => (places.get(key)?.inside ?? 0) > 0,
    wait: (key: string) => {
      const { waiting } = placeOf(key)
      if (waiting.length >= longest) return undefined
      return new Promise<void>((resolve) => waiting.push(resolve))
    },
  })
}
