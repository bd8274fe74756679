import { defineProblem, Problem } from '#kit/core'
import type { ServiceContext } from '#kit/http'
import type { App } from './create-app.ts'

/** The console as a command sees it. One call is one line. */
export interface Io {
  /** The result: standard output. */
  out(line: string): void
  /** Progress and faults: standard error. */
  err(line: string): void
  /** Asks for a secret on the terminal, which does not show what is typed. Throws `usage` where there is none. */
  askSecret(question: string): Promise<string>
  /** All of standard input. */
  readInput(): Promise<string>
  /** Standard input as it comes, for what may be larger than memory. */
  readChunks(): AsyncIterable<Uint8Array>
  readonly process: OwnProcess
}

/** The process that a command runs in, which is told to stop by Ctrl-C and by SIGTERM. */
export interface OwnProcess {
  on(signal: StopSignal, action: () => void): void
  off(signal: StopSignal, action: () => void): void
  /** Ends it at once. */
  exit(code: number): void
  nowMs(): number
}

export type StopSignal = 'SIGINT' | 'SIGTERM'

export interface OptionSpec {
  /** A boolean option takes no value. */
  readonly type: 'boolean' | 'string'
  readonly short?: string
  /** What stands for its value in the help: `N`, `FILE`. */
  readonly value?: string
  /** May be given several times: its values then are the lines of the one answered. */
  readonly repeats?: true
  readonly about: string
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>

type OptionValue<T> = T extends 'boolean' ? true : string

/** What was given for each option; undefined where it was left out. */
export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]: OptionValue<O[K]['type']> | undefined
}

export interface CommandCall<O extends OptionSpecs = OptionSpecs> {
  readonly options: OptionValues<O>
  /** The positional arguments, as many as the usage allows. */
  readonly args: readonly string[]
  readonly io: Io
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The app of the current folder, not yet running. */
  readonly loadApp: () => Promise<App>
  /** Runs `work` on the app's services and database, beside a server that may be running, and closes them. */
  readonly withApp: <T>(work: (context: ServiceContext) => Promise<T>) => Promise<T>
}

export interface CommandSpec<O extends OptionSpecs> {
  /** The words that call it: `start`, `migrate up`. */
  readonly name: string
  readonly summary: string
  /** Its positional arguments: `<required>` and `[optional]`, in their order. */
  readonly usage: string
  readonly options: O
  /** What else the help says: a paragraph a text. */
  readonly notes?: readonly string[]
  readonly examples: readonly string[]
  /** The environment variables it reads. Default: none. */
  readonly environment?: readonly string[]
  /** Answers the exit code; nothing means 0. A Problem thrown is a fault: 1, or 2 for {@link usageFault}. */
  readonly run: (call: CommandCall<O>) => Promise<number | undefined>
}

/** A declared command, the types of its options forgotten. */
export type Command = Omit<Required<CommandSpec<OptionSpecs>>, 'run'> & {
  readonly run: (call: CommandCall<never>) => Promise<number | undefined>
}

/** Commands by name. Each is loaded when it is called or explained, so that none slows down another. */
export type CommandTable = Readonly<Record<string, () => Promise<Command>>>

/** Declares a command of the command line. */
export function defineCommand<const O extends OptionSpecs>(spec: CommandSpec<O>): Command {
  return Object.freeze({ notes: [], environment: [], ...spec })
}

const usageKind = defineProblem('usage', 400, 'Wrong usage')

/** The problem of a command that was called in the wrong way: exit code 2. */
export function usageFault(detail: string): Problem {
  return new Problem(usageKind, detail)
}

export function isUsageFault(error: unknown): boolean {
  return error instanceof Problem && error.kind === usageKind
}
