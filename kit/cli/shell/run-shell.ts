import { Problem } from '#kit/core'
import type { Io } from '#kit/tool'
import { toFaultLines } from '../fault-lines.ts'
import { compile, evaluate } from './evaluate.ts'
import { lineSource } from './read-lines.ts'
import { type ShowOptions, show } from './show.ts'

export interface ShellOptions {
  readonly io: Io
  /** Who works here, for the prompt. */
  readonly label: string
  readonly names: Readonly<Record<string, unknown>>
  readonly help: readonly string[]
  readonly show: ShowOptions
}

/**
 * Reads lines, runs them and shows their values until the input ends. Answers 1 where a line of piped input failed:
 * what follows it is not run.
 */
export async function runShell(options: ShellOptions): Promise<number> {
  const isNew = Object.keys(options.names).filter((name) => !(name in globalThis))
  Object.assign(globalThis, options.names)
  try {
    return await readAndRun(options)
  } finally {
    for (const name of isNew) Reflect.deleteProperty(globalThis, name)
  }
}

async function readAndRun(options: ShellOptions): Promise<number> {
  const session = createSession(options)
  const source = lineSource(options.io, session.giveUp)
  if (source.isTerminal) session.help()
  for await (const line of source.lines(session.prompt)) {
    const outcome = await session.take(line)
    if (outcome === 'ended') return 0
    if (outcome === 'failed' && !source.isTerminal) return 1
    // An empty line gives up what is not complete.
    if (source.isTerminal && line.trim() === '') session.giveUp()
  }
  if (!session.isOpen()) return 0
  options.io.err('plinth: The input ends within an expression.')
  return 1
}

/** Lines until they make something that can be run. */
function createSession({ io, label, help: helpLines, show: showing }: ShellOptions) {
  let open: string[] = []
  const giveUp = () => {
    open = []
  }
  const help = () => {
    for (const line of helpLines) io.out(line)
  }
  const take = async (line: string): Promise<'ended' | Outcome> => {
    if (line.trim() === '.exit') return 'ended'
    if (line.trim() === '.help') {
      help()
      return 'done'
    }
    open.push(line)
    const outcome = await runText(open.join('\n'), io, showing)
    if (outcome !== 'incomplete') giveUp()
    return outcome
  }
  const isOpen = () => open.join('').trim() !== ''
  return { take, help, giveUp, isOpen, prompt: () => (isOpen() ? '... ' : `${label}> `) }
}

type Outcome = 'done' | 'failed' | 'incomplete'

async function runText(text: string, io: Io, showing: ShowOptions): Promise<Outcome> {
  if (text.trim() === '') return 'done'
  const compiled = compile(text)
  if (compiled.state === 'incomplete') return 'incomplete'
  try {
    if (compiled.state === 'wrong') throw new SyntaxError(compiled.fault)
    const value = await evaluate(compiled.script)
    for (const line of show(value, showing)) io.out(line)
    return 'done'
  } catch (error) {
    for (const line of linesOf(error)) io.err(line)
    return 'failed'
  }
}

/** Where a fault of what was typed comes from is plain to who typed it. */
function linesOf(error: unknown): string[] {
  if (error instanceof Problem || !(error instanceof Error)) return toFaultLines(error)
  return [`${error.name}: ${error.message}`]
}
