import { createInterface } from 'node:readline'
import type { Io } from '#kit/tool'

export interface LineSource {
  /** Lines one after the other; `prompt` is asked anew for each. */
  lines(prompt: () => string): AsyncIterable<string>
  readonly isTerminal: boolean
}

/** What is typed on the terminal, or what is piped in. */
export function lineSource(io: Io, onCancel: () => void): LineSource {
  if (process.stdin.isTTY !== true) return { isTerminal: false, lines: () => pipedLines(io) }
  return { isTerminal: true, lines: (prompt) => typedLines(prompt, onCancel) }
}

async function* pipedLines(io: Io): AsyncGenerator<string> {
  yield* (await io.readInput()).split('\n')
}

async function* typedLines(prompt: () => string, onCancel: () => void): AsyncGenerator<string> {
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
    completer: complete,
    historySize: 1000,
  })
  terminal.on('SIGINT', () => {
    onCancel()
    process.stdout.write('\n')
    terminal.write(null, { ctrl: true, name: 'u' })
    terminal.setPrompt(prompt())
    terminal.prompt()
  })
  const next = () => {
    terminal.setPrompt(prompt())
    terminal.prompt()
  }
  next()
  for await (const line of terminal) {
    yield line
    next()
  }
  process.stdout.write('\n')
}

/** Names of this process, and those behind the dot of one of them. */
function complete(line: string): [string[], string] {
  const [, object, part = ''] = /(?:(\w+)\.)?(\w*)$/.exec(line) ?? []
  const names = object === undefined ? Object.keys(globalThis) : keysOf(object)
  return [names.filter((name) => name.startsWith(part)), part]
}

function keysOf(name: string): string[] {
  const held: unknown = Reflect.get(globalThis, name)
  return typeof held === 'object' && held !== null ? Object.keys(held) : []
}
