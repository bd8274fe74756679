import { type Io, usageFault } from '#kit/tool'

export interface RecordingIo extends Io {
  readonly lines: readonly string[]
  readonly errors: readonly string[]
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
  }
}
