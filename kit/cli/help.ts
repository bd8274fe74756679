import type { Command } from '#kit/tool'
import { environment } from './environment.ts'
import { placeholderOf } from './parse-arguments.ts'

/** Lines of two or more columns, each as wide as its widest text. */
export function toColumns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd((widths[column] ?? 0) + gap))
      .join('')
      .trimEnd(),
  )
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? ['', `${title}:`, ...indent(lines)] : []
}

function variables(names: readonly string[]): string[] {
  const rows = names.map((name) => {
    const variable = environment[name]
    return [name, variable ? `${variable.about} (${variable.otherwise})` : '']
  })
  return toColumns(rows)
}

const width = 100

/** A paragraph in lines that fit a terminal. */
function wrap(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** What `plinth` alone and `plinth help` say. */
export function toOverview(version: string, commands: readonly Command[]): string[] {
  return [
    `plinth ${version}: the built half of a backend`,
    '',
    'Usage: plinth <command> [options]',
    ...section(
      'Commands',
      toColumns([
        ...commands.map(({ name, summary }) => [name, summary]),
        ['help', 'Explain a command: plinth help <command>'],
        ['--version', 'Print the version'],
      ]),
    ),
    ...section('Examples', [
      'plinth start                            serve on http://localhost:5000',
      'PORT=8080 plinth start                  serve on another port',
      'DATABASE_URL=sqlite:////srv/app.db plinth migrate status',
    ]),
    '',
    ...wrap(
      'The app is what app.ts in the current folder exports as "app"; without one, the tools Plinth ships with. Every setting is an environment variable: "plinth help start" names them all.',
    ),
  ]
}

/** What `plinth help <command>` says. */
export function toCommandHelp(command: Command): string[] {
  const { name, summary, usage, options, notes, examples } = command
  const words = ['plinth', name, usage, Object.keys(options).length > 0 ? '[options]' : '']
  return [
    summary,
    '',
    `Usage: ${words.filter((word) => word !== '').join(' ')}`,
    ...notes.flatMap((note) => ['', ...wrap(note)]),
    ...section('Options', toColumns(optionRows(command))),
    ...section('Examples', examples),
    ...section('Environment (what counts where it is not set)', variables(command.environment)),
  ]
}

function optionRows({ options }: Command): string[][] {
  const declared = Object.entries(options).map(([name, spec]) => {
    const short = spec.short ? `-${spec.short}, ` : ''
    const value = spec.type === 'string' ? ` ${placeholderOf(spec)}` : ''
    return [`${short}--${name}${value}`, spec.about]
  })
  return [...declared, ['-h, --help', 'Show this help']]
}

/** What `plinth help migrate` says: the commands whose names begin with that word. */
export function toGroupHelp(word: string, commands: readonly Command[]): string[] {
  return [
    `Usage: plinth ${word} <command> [options]`,
    ...section('Commands', toColumns(commands.map(({ name, summary }) => [name, summary]))),
    '',
    `Options and examples: plinth help ${word} <command>`,
  ]
}
