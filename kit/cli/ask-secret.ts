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

function readLine(stdin: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const typed: string[] = []
    const onData = (text: string) => {
      const characters = [...text]
      const end = characters.findIndex((character) => ends.includes(character))
      for (const character of end === -1 ? characters : characters.slice(0, end))
        if (!backspaces.includes(character)) typed.push(character)
        else typed.pop()
      if (end === -1) return
      stdin.off('data', onData)
      stdin.pause()
      // What was typed ahead belongs to the next question.
      const rest = characters.slice(end + 1).join('')
      if (rest !== '') stdin.unshift(rest)
      if (characters[end] === interrupt) reject(usageFault('Nothing was done.'))
      else resolve(typed.join(''))
    }
    stdin.on('data', onData)
    stdin.resume()
  })
}
