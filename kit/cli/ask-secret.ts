import { writeSync } from 'node:fs'
import { usageFault } from '#kit/tool'

const interrupt = '\u0003'
/** Enter, end of text, Ctrl-C. */
const ends = ['\r', '\n', '\u0004', interrupt]
const backspaces = ['\u007f', '\b']

/** Asks on the terminal and shows nothing of what is typed. Throws a usage fault where there is no terminal. */
export async function askSecret(question: string): Promise<string> {
  const { stdin } = process
  if (!stdin.isTTY)
    throw usageFault(
      `${question}: there is no terminal to ask on. Say --password-stdin and pipe it in.`,
    )
  writeSync(2, `${question}: `)
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  try {
    return await readLine(stdin)
  } finally {
    stdin.setRawMode(false)
    writeSync(2, '\n')
  }
}

async function readLine(stdin: NodeJS.ReadStream): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  const onData = (typed: string) => {
    text += typed
    if (endOf(text) !== -1) resolve(text)
  }
  stdin.on('data', onData).resume()
  const all = await promise
  stdin.off('data', onData).pause()
  const end = endOf(all)
  // What was typed ahead belongs to the next question.
  if (all.length > end + 1) stdin.unshift(all.slice(end + 1))
  if (all[end] === interrupt) throw usageFault('Nothing was done.')
  return withoutErased(all.slice(0, end))
}

/** Where the line ends; -1 while it does not. */
function endOf(text: string): number {
  return text.split('').findIndex((unit) => ends.includes(unit))
}

function withoutErased(text: string): string {
  const kept: string[] = []
  for (const character of text) {
    if (backspaces.includes(character)) kept.pop()
    else kept.push(character)
  }
  return kept.join('')
}
