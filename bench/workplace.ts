import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { innermostProcess } from './measure/process-stats.ts'

/** How long a process may take to end before it is killed. */
const patienceMs = 12_000

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Which core it is bound to, where the system can do that: 0 for servers, 1 for the generator. */
  readonly core?: 0 | 1
  /** What it reads from standard input. */
  readonly input?: string
}

export interface Started {
  /** The process itself, where a launcher stays before it. */
  pid(): number
  /** All it printed, once it has ended. */
  output(): Promise<string>
  faults(): Promise<string>
  /** What it exited with, once it has. */
  code(): Promise<number>
  hasEnded(): boolean
  stop(): Promise<void>
}

/** The processes and the folder of one bench; nothing of them is left once it has ended. */
export interface Workplace {
  readonly folder: string
  start(command: readonly string[], options?: StartOptions): Started
  end(): Promise<void>
}

export function createWorkplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'))
  const running = new Set<Started>()
  let isEnded = false
  return {
    folder,
    start: (command, options = {}) => {
      if (isEnded) throw new Error('The bench has ended.')
      const started = launch(command, options, () => running.delete(started))
      running.add(started)
      return started
    },
    end: async () => {
      isEnded = true
      await Promise.all([...running].map((started) => started.stop()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function launch(
  command: readonly string[],
  { environment = {}, core, input }: StartOptions,
  onEnd: () => void,
): Started {
  const child = Bun.spawn([...(core === undefined ? [] : pin(core)), ...command], {
    // Nothing of the caller's own settings may reach a server that is measured.
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment },
    stdin: input === undefined ? 'ignore' : new Blob([input]),
    stdout: 'pipe',
    stderr: 'pipe',
    onExit: onEnd,
  })
  const output = new Response(child.stdout).text()
  const faults = new Response(child.stderr).text()
  const stop = async (): Promise<void> => {
    const inner = innermostProcess(child.pid)
    if (child.exitCode === null) child.kill('SIGTERM')
    const timer = setTimeout(() => {
      for (const pid of new Set([inner, child.pid])) kill(pid)
    }, patienceMs)
    await child.exited
    clearTimeout(timer)
  }
  return {
    pid: () => innermostProcess(child.pid),
    output: () => output,
    faults: () => faults,
    code: () => child.exited,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    stop,
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** The cores this process may run on, as far as the system tells. */
export const cores: readonly number[] = readCores()

/** Whether servers and generator have a core each. */
export const canPin = cores.length >= 2 && Bun.which('taskset') !== null

function pin(core: 0 | 1): string[] {
  return canPin ? ['taskset', '-c', String(cores[core])] : []
}

function readCores(): number[] {
  if (process.platform !== 'linux') return []
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return (list ?? '').split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}
