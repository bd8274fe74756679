import type { App, Command, CommandCall, CommandTable, Io } from '#kit/tool'
import { version } from '../../package.json' with { type: 'json' }
import { builtIn, commandIn, groupOf } from './command-table.ts'
import { nearestOf } from './nearest.ts'

export interface Console {
  readonly io: Io
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where app.ts is looked for. */
  readonly folder: string
  /** The app in a bundle, which is taken instead. */
  readonly bundled?: (() => Promise<App>) | undefined
}

const ok = 0
const failed = 1
const misused = 2

/** Runs one command line and answers its exit code: 0, 1 for a fault, 2 for a command that does not exist so. */
export async function runCli(argv: readonly string[], host: Console): Promise<number> {
  const words = wordsOf(argv)
  const wantsHelp = argv.slice(words.length).some((word) => word === '--help' || word === '-h')
  try {
    if (argv[0] === '--version' || argv[0] === '-v') return print(host, [version])
    if (words.length === 0 && (argv.length === 0 || wantsHelp)) return await explain([], host)
    if (words[0] === 'help') return await explain(words.slice(1), host)
    if (wantsHelp) return await explain(words, host)
    return await dispatch(argv, host)
  } catch (error) {
    return await report(error, host)
  }
}

/** The words before the first option: the command's name and perhaps arguments. */
function wordsOf(argv: readonly string[]): readonly string[] {
  const end = argv.findIndex((word) => word.startsWith('-'))
  return end === -1 ? argv : argv.slice(0, end)
}

async function dispatch(argv: readonly string[], host: Console): Promise<number> {
  const words = wordsOf(argv)
  const table = await tableFor(words, host)
  const name = commandIn(table, words)
  const load = name === undefined ? undefined : table[name]
  if (name === undefined || load === undefined) return misuse(host, unknownCommand(table, argv))
  const command = await load()
  const { parseArguments } = await import('./parse-arguments.ts')
  const parsed = parseArguments(command, argv.slice(name.split(' ').length))
  if (!parsed.ok) return misuse(host, `${name}: ${parsed.fault} See: plinth help ${name}`)
  const { createCall } = await import('./create-call.ts')
  const call: CommandCall = createCall(parsed, host)
  return (await command.run(call as CommandCall<never>)) ?? ok
}

/** Where these words are looked up: the app is loaded only where they are not the kit's own. */
async function tableFor(words: readonly string[], host: Console): Promise<CommandTable> {
  const isOwn = commandIn(builtIn, words) || groupOf(builtIn, words[0] ?? '').length > 0
  return isOwn ? builtIn : allCommands(host)
}

/** The kit's commands and those of the app's tools; the former alone, with a warning, where the app does not load. */
async function allCommands(host: Console): Promise<CommandTable> {
  const { loadApp } = await import('./load-app.ts')
  try {
    const app = await loadApp(host)
    return Object.assign({}, builtIn, ...app.tools.map((tool) => tool.commands))
  } catch (error) {
    const { toFaultLines } = await import('./fault-lines.ts')
    host.io.err(`plinth: The app's own commands are missing. ${toFaultLines(error)[0]}`)
    return builtIn
  }
}

function unknownCommand(table: CommandTable, argv: readonly string[]): string {
  const [first = '', second = ''] = argv
  const group = groupOf(table, first)
  if (group.length > 0 && (second === '' || second.startsWith('-')))
    return `${first}: It needs one of: ${group.map((name) => name.slice(first.length + 1)).join(', ')}.`
  const called = group.length > 0 ? `${first} ${second}` : first
  const known = group.length > 0 ? group : ['help', ...Object.keys(table)]
  const nearest = nearestOf(called, known) ?? nearestOf(`${first} ${second}`, known)
  const hint = nearest ? `Did you mean "plinth ${nearest}"?` : 'See: plinth help'
  return `There is no command "${called}". ${hint}`
}

async function explain(words: readonly string[], host: Console): Promise<number> {
  const { toCommandHelp, toGroupHelp, toOverview } = await import('./help.ts')
  const table = await tableFor(words, host)
  const name = commandIn(table, words)
  const load = name === undefined ? undefined : table[name]
  if (load) return print(host, toCommandHelp(await load()))
  if (words.length === 0)
    return print(host, toOverview(version, await loadAll(table, Object.keys(table))))
  const group = groupOf(table, words[0] ?? '')
  if (words.length > 1 || group.length === 0) return misuse(host, unknownCommand(table, words))
  return print(host, toGroupHelp(words[0] ?? '', await loadAll(table, group)))
}

function loadAll(table: CommandTable, names: readonly string[]): Promise<Command[]> {
  return Promise.all(names.flatMap((name) => table[name]?.() ?? []))
}

function print({ io }: Console, lines: readonly string[]): number {
  for (const line of lines) io.out(line)
  return ok
}

function misuse({ io }: Console, fault: string): number {
  io.err(`plinth: ${fault}`)
  return misused
}

async function report(error: unknown, { io, environment }: Console): Promise<number> {
  const { isUsageFault } = await import('#kit/tool')
  const { toFaultLines } = await import('./fault-lines.ts')
  for (const line of toFaultLines(error)) io.err(`plinth: ${line}`)
  if (environment['LOG_LEVEL'] === 'debug' && error instanceof Error) io.err(error.stack ?? '')
  return isUsageFault(error) ? misused : failed
}
