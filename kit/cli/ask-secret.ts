import { writeSync } from 'node:fs'
import { usageFault } from '#kit/tool'

const enter = ['\r', '\n']
const endOfText = '\u0004'
const interrupt = '\u0003'
const backspace = ['\u007f', '\b']

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
    stdin.pause()
    writeSync(2, '\n')
  }
}

function readLine(stdin: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: string[] = []
    const take = (character: string): boolean => {
      if (character === interrupt) reject(usageFault('Nothing was done.'))
      else if (enter.includes(character) || character === endOfText) resolve(typed.join(''))
      else {
        typed = backspace.includes(character) ? typed.slice(0, -1) : [...typed, character]
        return false
      }
      return true
    }
    const onData = (text: string) => {
      if ([...text].some(take)) stdin.off('data', onData)
    }
    stdin.on('data', onData)
  })
}
