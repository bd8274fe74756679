/** Texts, quoted names and comments of SQL: what is within them is no statement. */
const opaque = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$/g

const transactional =
  /^(?:begin|start|commit|end|rollback|abort|savepoint|release|pragma|vacuum|attach|detach)\b/i

/**
 * What forbids this text in a migration: a file is one transaction, which no statement may end; and of
 * several statements in one text an engine may run the first alone.
 */
export function faultOfStatement(text: string): string | undefined {
  const code = text.replace(opaque, (match) => (/^['"$]/.test(match) ? 'x' : ' ')).trim()
  if (code === '') return 'Must be a statement.'
  const word = transactional.exec(code)?.[0]
  if (word) return `Must not ${word.toUpperCase()}: a migration is one transaction.`
  const isTrigger = /^create\s+(?:temp(?:orary)?\s+)?trigger\b/i.test(code)
  if (!isTrigger && /;\s*\S/.test(code))
    return 'Must be one statement; put each in a text of its own.'
  return undefined
}
