import { parseArgs } from 'node:util'
import type { Command, OptionSpec, OptionSpecs } from '#kit/tool'
import { nearestOf } from './nearest.ts'

export type ParsedArguments =
  | {
      readonly ok: true
      readonly options: Readonly<Record<string, string | true>>
      readonly args: readonly string[]
    }
  /** What is wrong, in one line. */
  | { readonly ok: false; readonly fault: string }

type Shape = Pick<Command, 'name' | 'usage' | 'options'>

/** Reads what stands behind a command's name. */
export function parseArguments(command: Shape, argv: readonly string[]): ParsedArguments {
  const { tokens } = parseArgs({
    args: [...argv],
    options: toParserOptions(command.options),
    strict: false,
    tokens: true,
  })
  const options: Record<string, string | true> = {}
  const args: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind !== 'option') continue
    const fault = faultOf(command.options, token)
    if (fault) return { ok: false, fault }
    options[token.name] = toValue(command.options, token, options[token.name])
  }
  const fault = countFault(command.usage, args)
  return fault ? { ok: false, fault } : { ok: true, options, args }
}

/** The value; of an option that repeats, on a line after those given before. */
function toValue(
  specs: OptionSpecs,
  { name, value = true }: { readonly name: string; readonly value?: string | true | undefined },
  former: string | true | undefined,
): string | true {
  return specs[name]?.repeats && typeof former === 'string' ? `${former}\n${value}` : value
}

function toParserOptions(options: OptionSpecs) {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [
      name,
      short === undefined ? { type } : { type, short },
    ]),
  )
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function faultOf(options: OptionSpecs, token: OptionToken): string | undefined {
  const { name, rawName, value, inlineValue } = token
  const spec = Object.hasOwn(options, name) ? options[name] : undefined
  if (!spec) return unknownOption(rawName, name, Object.keys(options))
  if (spec.type === 'boolean') return value === undefined ? undefined : `${rawName} takes no value.`
  const isMissing = !value || (!inlineValue && value.startsWith('-'))
  return !isMissing ? undefined : `${rawName} needs a value: ${rawName} ${placeholderOf(spec)}.`
}

function unknownOption(rawName: string, name: string, known: readonly string[]): string {
  const nearest = nearestOf(name, known)
  return `There is no option ${rawName}.${nearest ? ` Did you mean --${nearest}?` : ''}`
}

/** What stands for an option's value in the help. */
export function placeholderOf(spec: OptionSpec): string {
  return spec.value ?? 'VALUE'
}

function countFault(usage: string, args: readonly string[]): string | undefined {
  const all = usage.match(/<[^>]+>|\[[^\]]+\]/g) ?? []
  const required = all.filter((word) => word.startsWith('<'))
  const missing = required[args.length]
  if (missing) return `It needs ${missing}.`
  const extra = args[all.length]
  return extra === undefined ? undefined : `It takes no argument "${extra}".`
}
