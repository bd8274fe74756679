/** A place in a text, from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

const token =
  /[ \t\r\n]*("(?:[^"\\\p{Cc}]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:])/uy

/** What may stand at a place: a value, a key, what follows a key or a value, or an end. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'nothing'

const accepts: Readonly<Record<Expected, RegExp>> = {
  value: /^["\-\dtfn{[]/,
  'value or ]': /^["\-\dtfn{[\]]/,
  key: /^"/,
  'key or }': /^["}]/,
  ':': /^:/,
  ', or end': /^[,}\]]/,
  nothing: /^$/,
}

/** Where a text stops being JSON: the engine's own error does not say. */
export function placeOfJsonFault(text: string): Place {
  const open: string[] = []
  let expected: Expected = 'value'
  let end = 0
  while (expected !== 'nothing') {
    token.lastIndex = end
    const found = token.exec(text)?.[1]
    if (found === undefined || !accepts[expected].test(found) || isWrongEnd(found, open)) break
    end = token.lastIndex
    expected = follow(found, expected, open)
  }
  const start = end + (/^[ \t\r\n]*/.exec(text.slice(end))?.[0].length ?? 0)
  const lines = text.slice(0, start).split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

function isWrongEnd(found: string, open: readonly string[]): boolean {
  return (found === '}' && open.at(-1) !== '{') || (found === ']' && open.at(-1) !== '[')
}

function follow(found: string, expected: Expected, open: string[]): Expected {
  const fixed = punctuation[found]
  if (fixed) return fixed(open)
  return expected.startsWith('key') ? ':' : afterValue(open)
}

const punctuation: Readonly<Record<string, (open: string[]) => Expected>> = {
  '{': (open) => {
    open.push('{')
    return 'key or }'
  },
  '[': (open) => {
    open.push('[')
    return 'value or ]'
  },
  '}': close,
  ']': close,
  ':': () => 'value',
  ',': (open) => (open.at(-1) === '{' ? 'key' : 'value'),
}

function close(open: string[]): Expected {
  open.pop()
  return afterValue(open)
}

function afterValue(open: readonly string[]): Expected {
  return open.length > 0 ? ', or end' : 'nothing'
}
