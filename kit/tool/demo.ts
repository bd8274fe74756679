import type { AnyModel } from '#kit/model'

/** Something that people did at a moment of the demo. */
export interface DemoStep {
  /** Day 0 is the first. */
  readonly day: number
  /** The shop's clock, `21:05`. */
  readonly time: string
  /** Sends requests as people, in the way that they would: `send('ana', 'POST /api/…', body)`. */
  readonly run: (send: DemoSend) => Promise<void>
}

/** Answers the body. Throws where the answer is no success. */
export type DemoSend = (who: string, line: string, body?: unknown) => Promise<unknown>

/** Days of believable use, through the tool's own routes. */
export interface Demo {
  /** Where any of these has rows, people have worked with the tool: no demo is put among it. */
  readonly history: readonly AnyModel[]
  /** What is done on so many days. */
  readonly steps: (days: number) => readonly DemoStep[]
}
