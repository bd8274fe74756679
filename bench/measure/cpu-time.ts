import { dlopen, FFIType, ptr } from 'bun:ffi'
import { readFileSync } from 'node:fs'

/**
 * CPU time this process has used so far, in seconds: all its threads, those that have ended too, and none of its
 * children. Undefined where there is no telling.
 */
export function cpuSeconds(pid: number): number | undefined {
  return byClock(pid) ?? byTicks(pid)
}

/** `CPUCLOCK_SCHED`: of a process's clocks the one that the scheduler keeps, to the nanosecond. */
const scheduled = 2

/**
 * By the process's own clock, whose id is made of its pid as clock_getcpuclockid(3) makes it. The sum of
 * /proc/<pid>/task/<tid>/schedstat says the same, but forgets threads as they end.
 */
export const byClock = createClock()

function createClock(): (pid: number) => number | undefined {
  const clockGettime = openClock()
  const time = new BigInt64Array(2)
  return (pid) => {
    if (clockGettime?.((~pid << 3) | scheduled, ptr(time)) !== 0) return undefined
    const [seconds = 0n, nanoseconds = 0n] = time
    return Number(seconds) + Number(nanoseconds) / 1e9
  }
}

function openClock() {
  if (process.platform !== 'linux') return undefined
  try {
    const { symbols } = dlopen('libc.so.6', {
      clock_gettime: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
    })
    return symbols.clock_gettime
  } catch {
    // Another C library.
    return undefined
  }
}

/** `USER_HZ`: the unit of times in /proc, 100 on every Linux that Bun runs on. */
const ticksPerSecond = 100

/** To a hundredth of a second. */
export function byTicks(pid: number): number | undefined {
  const text = statOf(pid)
  if (text === undefined) return undefined
  // The name, in brackets, may hold spaces; after it come the fields from the third on (proc_pid_stat(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

function statOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
}
