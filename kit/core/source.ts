/** Where in the code something was declared. */
export interface Source {
  readonly file: string
  readonly line: number
}

const frame = /\(?((?:file:\/\/)?\/?[^\s()]+):(\d+):\d+\)?$/

/**
 * The place that called the function `below`. Used by `define*`, so that a fault found at start
 * names file and line.
 */
export function callerOf(below: (...parameters: never[]) => unknown): Source {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, below)
  for (const line of holder.stack?.split('\n').slice(1) ?? []) {
    const match = frame.exec(line.trim())
    // Between two frames of ours may stand one of the engine's: that of `map`, say.
    if (match?.[1] && match[2] && match[1] !== 'native')
      return { file: toRelative(match[1]), line: Number(match[2]) }
  }
  return { file: 'unknown', line: 0 }
}

function toRelative(file: string): string {
  const path = file.startsWith('file://') ? file.slice('file://'.length) : file
  const root = `${process.cwd()}/`
  return path.startsWith(root) ? path.slice(root.length) : path
}

export function formatSource(source: Source): string {
  return `${source.file}:${source.line}`
}
