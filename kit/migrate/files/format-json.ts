const width = 100

/** JSON for people to read: what fits on a line stands on one. */
export function formatJson(value: unknown, indent = ''): string {
  const line = toLine(value)
  if (indent.length + line.length <= width || !isNested(value)) return line
  const inner = `${indent}  `
  const entries = Array.isArray(value)
    ? value.map((entry) => formatJson(entry, inner))
    : Object.entries(value).map(
        ([key, entry]) => `${JSON.stringify(key)}: ${formatJson(entry, inner)}`,
      )
  const [start, end] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return `${start}\n${entries.map((entry) => inner + entry).join(',\n')}\n${indent}${end}`
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function toLine(value: unknown): string {
  if (!isNested(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(toLine).join(', ')}]`
  const entries = Object.entries(value).map(
    ([key, entry]) => `${JSON.stringify(key)}: ${toLine(entry)}`,
  )
  return `{ ${entries.join(', ')} }`
}
