/** A piece of HTML. Made by {@link html} alone, so that no text gets into it that was not escaped. */
export interface Html {
  readonly toString: () => string
}

/** What can stand in HTML: text and numbers are escaped, null and undefined are nothing. */
export type HtmlPart = Html | string | number | null | undefined | readonly HtmlPart[]

const made = new WeakSet<object>()

/** HTML with values in it: html`<td>${name}</td>`. Attributes with values must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  const text = strings.reduce((before, piece, at) => `${before}${toText(parts[at - 1])}${piece}`)
  const piece: Html = Object.freeze({ toString: () => text })
  made.add(piece)
  return piece
}

function toText(part: HtmlPart): string {
  if (part === null || part === undefined) return ''
  if (Array.isArray(part)) return part.map(toText).join('')
  const text = String(part)
  return typeof part === 'object' && made.has(part) ? text : escapeHtml(text)
}

/** The text as HTML shows it: within an element, or within an attribute in double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
