import { EventEmitter } from 'node:events'
import { type Io, usageFault } from '#kit/tool'

export interface RecordingIo extends Io {
  readonly lines: readonly string[]
  readonly errors: readonly string[]
  /** Ctrl-C, for this command alone. Answers whether it listens. */
  interrupt(): boolean
}

export interface ConsoleInput {
  /** What is typed where a secret is asked for, one after the other. Without any there is no terminal. */
  readonly secrets?: readonly string[]
  readonly input?: string
}

/** A console for tests of commands: keeps what is written, and answers what it is given. */
export function recordingIo({ secrets = [], input = '' }: ConsoleInput = {}): RecordingIo {
  const lines: string[] = []
  const errors: string[] = []
  const typed = [...secrets]
  // The signals of this process are the tests' own: they end when they get one.
  const signals = new EventEmitter()
  return {
    lines,
    errors,
    out: (line) => lines.push(line),
    err: (line) => errors.push(line),
    askSecret: async (question) => {
      const secret = typed.shift()
      if (secret === undefined) throw usageFault(`${question}: there is no terminal to ask on.`)
      return secret
    },
    readInput: async () => input,
    readChunks: async function* () {
      yield new TextEncoder().encode(input)
    },
    process: {
      on: (signal, action) => void signals.on(signal, action),
      off: (signal, action) => void signals.off(signal, action),
      exit: (code) => {
        throw new Error(`The command has ended its process: ${code}`)
      },
      nowMs: () => performance.now(),
    },
    interrupt: () => signals.emit('SIGINT'),
  }
}
