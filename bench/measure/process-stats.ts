import { readFileSync } from 'node:fs'

/** `USER_HZ`: the unit of times in /proc, 100 on every Linux that Bun runs on. */
const ticksPerSecond = 100

/** CPU time this process has used so far, all its threads, in seconds. Undefined where there is no /proc. */
export function cpuSeconds(pid: number): number | undefined {
  const text = read(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name, in brackets, may hold spaces; after it come the fields from the third on (proc_pid_stat(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Resident memory in MB (10^6 bytes). Undefined where it cannot be had. */
export function residentMb(pid: number): number | undefined {
  const text = read(`/proc/${pid}/status`)
  const kib = text === undefined ? residentByPs(pid) : /VmRSS:\s+(\d+)/.exec(text)?.[1]
  return kib === undefined ? undefined : (Number(kib) * 1024) / 1e6
}

function residentByPs(pid: number): string | undefined {
  const { stdout, exitCode } = Bun.spawnSync(['ps', '-o', 'rss=', '-p', String(pid)])
  return exitCode === 0 ? stdout.toString().trim() : undefined
}

/** The last process of the chain that this one started: the server itself, where a launcher stays before it. */
export function innermostProcess(pid: number): number {
  const [child] = childrenOf(pid)
  return child === undefined ? pid : innermostProcess(child)
}

function childrenOf(pid: number): number[] {
  const list =
    read(`/proc/${pid}/task/${pid}/children`) ??
    Bun.spawnSync(['pgrep', '-P', String(pid)]).stdout.toString()
  return list.split(/\s+/).filter(Boolean).map(Number)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
