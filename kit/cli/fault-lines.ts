import { relative } from 'node:path'
import { type Fault, Problem } from '#kit/core'

/** What went wrong, for the console: one line a fault. */
export function toFaultLines(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(toFaultLines)
  if (error instanceof Problem && error.errors && error.errors.length > 0)
    return error.errors.map(toLine)
  if (error instanceof Problem) return [error.detail]
  return [`${messageOf(error)}${placeOf(error)}`.replaceAll(/\s*\n\s*/g, ' ')]
}

/** Some messages name their place themselves. */
function toLine({ path, message }: Fault): string {
  return path === '' || message.startsWith(path) ? message : `${path}: ${message}`
}

interface Thrown {
  readonly message?: string
  readonly stack?: string
  /** Of a module that does not parse, as Bun reports it; PostgreSQL's place in a statement is a text. */
  readonly position?:
    | { readonly file: string; readonly line: number; readonly column: number }
    | string
    | null
}

function messageOf(error: unknown): string {
  return (error as Thrown | null)?.message || String(error)
}

/** Where a fault that nobody foresaw comes from: the first line of its stack. */
function placeOf(error: unknown): string {
  const { position, stack } = (error ?? {}) as Thrown
  if (position && typeof position !== 'string')
    return ` (${relative('.', position.file)}:${position.line}:${position.column})`
  const frame = /^\s+at .*?\(?(\/[^\s()]+):(\d+):(\d+)\)?$/m.exec(stack ?? '')
  return frame ? ` (${relative('.', frame[1] ?? '')}:${frame[2]}:${frame[3]})` : ''
}
