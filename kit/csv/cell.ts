/** What spreadsheets take for a formula, behind any number of apostrophes. */
const formula = /^'*[=+\-@\t\r]/
const needsQuotes = /[",\r\n]|^\s|\s$/

/**
 * Text as a spreadsheet shows it and never runs it: what begins like a formula gets an apostrophe (OWASP, CSV
 * injection). {@link fromGuarded} takes it off again.
 */
export function toGuarded(text: string): string {
  return formula.test(text) ? `'${text}` : text
}

/** The text that {@link toGuarded} was given. */
export function fromGuarded(text: string): string {
  return text.startsWith("'") && formula.test(text) ? text.slice(1) : text
}

/**
 * A value as it stands in a line (RFC 4180). Null is nothing at all, an empty text is `""`, so that the two can be told
 * apart; numbers stay numbers; what is neither is its JSON text.
 */
export function toCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text === '') return '""'
  const guarded = toGuarded(text)
  return needsQuotes.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}
