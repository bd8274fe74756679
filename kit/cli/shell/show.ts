export interface ShowOptions {
  /** Fields that are never shown, such as hashes of passwords. */
  readonly hidden: ReadonlySet<string>
  /** Rows as JSON, one a line. */
  readonly isJson: boolean
  /** Of the terminal, in characters. */
  readonly width: number
}

const mask = '•••'
/** A column is no wider, unless there is room for all. */
const widest = 36

/** The lines that show a value: rows as a table or as JSON, anything else as JavaScript writes it. */
export function show(value: unknown, options: ShowOptions): string[] {
  if (value === undefined) return []
  if (isPage(value)) return [...show(value.rows, options), ...pageLines(value)]
  const rows = toRows(value)
  if (rows === undefined) return inspect(hide(value, options)).split('\n')
  if (rows.length === 0) return ['no rows']
  const hidden = rows.map((row) => hide(row, options) as Row)
  return options.isJson ? hidden.map((row) => JSON.stringify(row)) : toTable(hidden, options)
}

type Row = Readonly<Record<string, unknown>>

interface Page {
  readonly rows: readonly unknown[]
  readonly next: string | undefined
  readonly total: number | undefined
}

function isPage(value: unknown): value is Page {
  return isPlain(value) && Array.isArray(value['rows']) && 'next' in value
}

function pageLines({ next, total }: Page): string[] {
  const counted = total === undefined ? [] : [`${total} in all`]
  return next === undefined ? counted : [...counted, `more: cursor: '${next}'`]
}

function isPlain(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether it is rows: a list of objects, not an empty list of who knows what. */
function toRows(value: unknown): Row[] | undefined {
  if (!Array.isArray(value) || !value.every(isPlain)) return undefined
  return value
}

function hide(value: unknown, options: ShowOptions): unknown {
  if (Array.isArray(value)) return value.map((each) => hide(each, options))
  if (!isPlain(value) || isOpaque(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [
      name,
      options.hidden.has(name) && held !== null ? mask : hide(held, options),
    ]),
  )
}

/** What is more than its properties. */
function isOpaque(value: object): boolean {
  return value instanceof Date || value instanceof Error || ArrayBuffer.isView(value)
}

function inspect(value: unknown): string {
  return Bun.inspect(value, { colors: false, depth: 6 })
}

function toTable(rows: readonly Row[], { width }: ShowOptions): string[] {
  const names = [...new Set(rows.flatMap(Object.keys))]
  const cells = [names, ...rows.map((row) => names.map((name) => toCell(row[name])))]
  const natural = names.map((_, column) =>
    Math.max(...cells.map((line) => Bun.stringWidth(line[column] ?? ''))),
  )
  const isTight = natural.reduce((sum, each) => sum + each + 2, 0) > width
  const widths = natural.map((each) => (isTight ? Math.min(each, widest) : each))
  const lines = cells.map((line) =>
    line
      .map((text, column) => fit(text, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const rule = widths.map((each) => '-'.repeat(each)).join('  ')
  return [lines[0] ?? '', rule, ...lines.slice(1)]
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // A line break or a control sequence of the terminal must not break the table.
  return text.replaceAll(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1))
}

function fit(text: string, width: number): string {
  const wide = Bun.stringWidth(text)
  if (wide <= width) return text + ' '.repeat(width - wide)
  let cut = ''
  for (const character of text) {
    if (Bun.stringWidth(cut + character) > width - 1) break
    cut += character
  }
  return fit(`${cut}…`, width)
}
