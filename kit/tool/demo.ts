import type { AnyModel } from '#kit/model'

/** Answers the body. Throws where the answer is no success. The shop's clock goes on with every request. */
export type DemoSend = <T = unknown>(who: string, line: string, body?: unknown) => Promise<T>

/** What the steps of a demo work with. */
export interface Stage {
  /** Sends a request as somebody, by his username, or as the first `admin`: `send('demo-ana', 'POST /api/…', body)`. */
  readonly send: DemoSend
  /** Answers a whole number from 0 to before this one; the same ones in every demo. */
  readonly draw: (below: number) => number
  /** Tells whoever runs the demo something that he must know. */
  readonly say: (line: string) => void
}

/** What people do at a moment of a demo, through the routes that they would use. */
export interface DemoStep {
  /** Day 0 is the first. */
  readonly day: number
  /** By the shop's clock: `21:05`. */
  readonly time: string
  readonly run: (stage: Stage) => Promise<void>
}

/** Days of believable use. */
export interface Demo {
  /** Where any of these has rows, people work with the tool already: a demo is not put among what they did. */
  readonly history: readonly AnyModel[]
  /** What is done on so many days. Steps that would be in the future are left out. */
  readonly steps: (days: number) => readonly DemoStep[]
}

/** Numbers that look drawn and are the same each time (mulberry32). */
export function createDraw(seed: number): Stage['draw'] {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
