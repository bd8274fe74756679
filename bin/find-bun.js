import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** The platform packages of Bun that can run here, best first. */
function platformPackages() {
  const name = `@oven/bun-${process.platform === 'win32' ? 'windows' : process.platform}-${
    process.arch === 'arm64' ? 'aarch64' : process.arch
  }`
  return process.platform === 'linux' ? [name, `${name}-musl`] : [name]
}

/** The executable inside an installed package, or undefined. Bun's package holds a small stub until its install script has run. */
function executableIn(name, file) {
  try {
    const path = join(dirname(require.resolve(`${name}/package.json`)), 'bin', file)
    return statSync(path).size > 1_000_000 ? path : undefined
  } catch {
    return undefined
  }
}

/**
 * Path of the Bun executable, or undefined. Bun's install script moves it from the platform package
 * into the package `bun`; where install scripts are switched off it is still in the former.
 */
export function findBun() {
  if (process.versions.bun) return process.execPath
  const platformFile = process.platform === 'win32' ? 'bun.exe' : 'bun'
  return (
    executableIn('bun', 'bun.exe') ??
    platformPackages()
      .map((name) => executableIn(name, platformFile))
      .find((path) => path !== undefined)
  )
}

/** Runs Bun with these arguments in place of this process: same streams, signals and exit code. */
export function runBun(args) {
  const bun = findBun()
  if (bun === undefined) {
    process.stderr.write(
      `plinth: Bun for ${process.platform}-${process.arch} is not installed. Run "npm install" without --omit=optional.\n`,
    )
    process.exit(1)
  }
  if (typeof process.execve === 'function') process.execve(bun, [bun, ...args], process.env)
  const child = spawn(bun, args, { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const name of signals) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}
