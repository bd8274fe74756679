import { mkdirSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Finding, Target } from './finding.ts'
import type { Options } from './options.ts'
import { root } from './servers.ts'
import { canPin } from './workplace.ts'

type Row = Readonly<Record<string, string>>

/** The findings as tables for a terminal. */
export function toTables(findings: readonly Finding[]): string {
  const tables: Row[][] = []
  let columns = ''
  let shared = ''
  for (const { title, cells, target } of findings) {
    // Against another opponent: what is measured stands in the line above.
    const isAnother = shared !== '' && title.startsWith(`${shared} / `)
    if (!isAnother) shared = title
    const name = isAnother ? `  ${title.slice(shared.length + 1)}` : title
    const row = { '': name, ...cells, target: describeTarget(target) }
    const own = Object.keys(row).join()
    if (own === columns) tables.at(-1)?.push(row)
    else tables.push([row])
    columns = own
  }
  return tables.map(toTable).join('\n\n')
}

function describeTarget(target: Target | undefined): string {
  return target ? `${target.text} ${target.isMet ? 'met' : 'MISSED'}` : ''
}

function toTable(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => width(cells[index]))))
  const toLine = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const space = ' '.repeat((widths[index] ?? 0) - width(cell))
        return index === 0 || columns[index] === 'target' ? cell + space : space + cell
      })
      .join('   ')
      .trimEnd()
  const rule = '─'.repeat(Math.max(...lines.map((cells) => toLine(cells).length)))
  const [head = '', ...body] = lines.map(toLine)
  return [head, rule, ...body].join('\n')
}

function width(cell = ''): number {
  return [...cell].length
}

/** On what was measured, in one line. */
export function describeMachine({ connections, rounds, seconds, warmUp }: Options): string {
  const [cpu] = cpus()
  const pinned = canPin ? 'server and generator on a core each' : 'cores not pinned'
  return [
    `Bun ${Bun.version}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpu?.model ?? 'CPU'}`,
    `${(totalmem() / 1e9).toFixed(0)} GB; ${pinned}; ${connections} connections; ${rounds} interleaved rounds of ${seconds} s`,
    `each server warmed up for ${warmUp.firstSeconds} s before its first round, ${warmUp.laterSeconds} s before the others`,
  ].join(', ')
}

/** How many processes wanted a core of late: above the number of cores, the figures are those of a busy machine. */
export function describeLoad(): string {
  const [one = 0, five = 0] = loadavg()
  return `load average ${one.toFixed(1)} (1 min), ${five.toFixed(1)} (5 min), on ${cpus().length} cores`
}

/** Writes all that was measured to bench/results. Answers the file. */
export async function keepResults(options: Options, findings: readonly Finding[]): Promise<string> {
  const folder = join(root, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  const at = new Date().toISOString()
  const file = join(folder, `${at.replaceAll(':', '-')}.json`)
  const commit = Bun.spawnSync(['git', 'rev-parse', 'HEAD'], { cwd: root, stderr: 'ignore' })
  const content = {
    at,
    commit: commit.exitCode === 0 ? commit.stdout.toString().trim() : null,
    machine: describeMachine(options),
    loadAtEnd: describeLoad(),
    options: { ...options, only: [...options.only] },
    findings,
  }
  await Bun.write(file, `${JSON.stringify(content, null, 2)}\n`)
  return file
}
