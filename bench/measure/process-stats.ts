import { readFileSync } from 'node:fs'

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
