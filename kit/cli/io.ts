import { writeSync } from 'node:fs'
import type { Io, StopSignal } from '#kit/tool'

/** The console of this process. */
export const io: Io = Object.freeze({
  out: (line: string) => write(1, line),
  err: (line: string) => write(2, line),
  askSecret: async (question: string) => (await import('./ask-secret.ts')).askSecret(question),
  readInput: () => Bun.stdin.text(),
  readChunks: () => Bun.stdin.stream(),
  process: {
    on: (signal: StopSignal, action: () => void) => void process.on(signal, action),
    off: (signal: StopSignal, action: () => void) => void process.off(signal, action),
    exit: (code: number) => process.exit(code),
    nowMs: () => performance.now(),
  },
})

/** Writes at once, so that nothing is lost when the process ends next. */
function write(descriptor: number, line: string): void {
  let rest = Buffer.from(`${line}\n`)
  while (rest.length > 0) {
    const written = tryWrite(descriptor, rest)
    if (written === undefined) return
    rest = rest.subarray(written)
  }
}

/** The number of bytes written; undefined where nobody reads any more (`plinth routes | head -1`). */
function tryWrite(descriptor: number, bytes: Uint8Array): number | undefined {
  try {
    return writeSync(descriptor, bytes)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EPIPE') return undefined
    // The reader of a pipe that does not block is slower than we are.
    if (code !== 'EAGAIN') throw error
    Bun.sleepSync(1)
    return 0
  }
}
