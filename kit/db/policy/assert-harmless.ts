import { allowedFunctions } from './allowed-functions.ts'
import { refuse } from './refuse.ts'

/** Words that could name another table, begin another query or leave the place they stand in. */
const forbiddenWords: ReadonlySet<string> = new Set(
  `select from join with table union intersect except into insert update delete merge returning using set values
  pragma attach detach vacuum call do execute exec on where having group limit offset window lateral explain copy
  listen notify grant revoke create drop alter truncate begin commit rollback savepoint release`.split(
    /\s+/,
  ),
)

/** A quoted text, a word or number, or a single sign. Anything else (comments, backslashes, dollar quotes) fails. */
const token =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?|\|\||->>?|[<>!]=|<>|::|[-+*/%=<>(),.:?]|\s+/y

/**
 * Refuses a raw piece of SQL unless it is a plain expression: it can name no table, call no unknown function,
 * close no parenthesis that it did not open, and add no item to the list it stands in.
 */
export function assertHarmless(fragments: readonly string[]): void {
  const tokens = fragments.map(tokenize)
  let depth = 0
  for (const [index, texts] of tokens.entries()) {
    const fragment = fragments[index] ?? ''
    depth = depthAfter(texts, depth, fragment)
    for (const [place, text] of texts.entries())
      assertWord(text.toLowerCase(), texts[place + 1], fragment)
  }
  if (depth > 0) refuse(`a raw fragment leaves a parenthesis open: ${fragments.join('…')}`)
}

const steps: Readonly<Record<string, number>> = { '(': 1, ')': -1 }

function depthAfter(tokens: readonly string[], before: number, fragment: string): number {
  let depth = before
  for (const text of tokens) {
    depth += steps[text] ?? 0
    if (depth < 0) refuse(`a raw fragment closes a parenthesis it did not open: ${fragment}`)
    if (text === ',' && depth === 0) refuse(`a raw fragment may not hold a list: ${fragment}`)
  }
  return depth
}

/** Words that may stand before a parenthesis without being calls. */
const operators: ReadonlySet<string> = new Set(
  'in and or not when then else between like over filter is as by'.split(' '),
)

function assertWord(word: string, next: string | undefined, fragment: string): void {
  if (!/^[a-z_]/.test(word)) return
  if (forbiddenWords.has(word)) refuse(`"${word}" is not allowed in a raw fragment: ${fragment}`)
  if (word === 'in' && next !== '(') refuse(`"in" needs a list in parentheses: ${fragment}`)
  const isCall = next === '(' && !operators.has(word)
  if (isCall && !allowedFunctions.has(word))
    refuse(`the function ${word} is not allowed: ${fragment}`)
}

function tokenize(fragment: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < fragment.length) {
    const start = token.lastIndex
    const match = token.exec(fragment)
    if (!match)
      refuse(`a raw fragment holds "${fragment.slice(start, start + 10)}", which is not allowed`)
    const text = match?.[0] ?? ''
    if (text.trim() !== '') tokens.push(text)
  }
  const comment = tokens.some(
    (text, index) =>
      (text === '-' && tokens[index + 1] === '-') || (text === '/' && tokens[index + 1] === '*'),
  )
  if (comment) refuse('a raw fragment may not hold a comment')
  return tokens
}
