import { readFileSync } from 'node:fs'
import listFile from './most-used-passwords.txt' with { type: 'file' }

/**
 * Whether a password is among the 10,000 most used, in whatever case. The list leaves out what is made by a simple
 * rule; so up to ten characters that repeat a shorter text (`12341234`), or count up or down (`23456789`), are
 * common too. The list is read at the first question.
 */
export function isCommonPassword(password: string): boolean {
  const word = password.toLowerCase()
  const isSimple = word.length <= longestSimple && (isRepeated(word) || isRun(word))
  return isSimple || isListed(word)
}

const longestSimple = 10

/** One text, a word a line, and searched as it is: a set of as many strings would take ten times the memory. */
let list: string | undefined

function isListed(word: string): boolean {
  list ??= readFileSync(listFile, 'latin1')
  return !word.includes('\n') && list.includes(`\n${word}\n`)
}

const longestPart = 4

function isRepeated(word: string): boolean {
  for (let length = 1; length <= longestPart && length * 2 <= word.length; length += 1)
    if (word.slice(length) === word.slice(0, -length)) return true
  return false
}

function isRun(word: string): boolean {
  if (!/^(?:[a-z]+|\d+)$/.test(word)) return false
  const steps = [...word.slice(1)].map((_, at) => word.charCodeAt(at + 1) - word.charCodeAt(at))
  return steps.every((step) => step === 1) || steps.every((step) => step === -1)
}
