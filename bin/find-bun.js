const { spawn } = require('node:child_process')
const { realpathSync, statSync } = require('node:fs')
const { delimiter, dirname, join } = require('node:path')

const fileName = process.platform === 'win32' ? 'bun.exe' : 'bun'

/** The platform packages of Bun that can run here, best first. */
function platformPackages() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@oven/bun-${platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`
  return process.platform === 'linux' ? [name, `${name}-musl`] : [name]
}

/** The path, if a whole executable is there. Bun's package holds a small stub until its install script has run. */
function executableAt(path) {
  try {
    return statSync(path).size > 1_000_000 ? realpathSync(path) : undefined
  } catch {
    return undefined
  }
}

function executableIn(name, file) {
  try {
    return executableAt(join(dirname(require.resolve(`${name}/package.json`)), 'bin', file))
  } catch {
    return undefined
  }
}

function* candidates() {
  if (process.versions.bun) yield process.execPath
  // Bun's install script moves the executable out of the platform package into the package `bun`.
  yield executableIn('bun', 'bun.exe')
  for (const name of platformPackages()) yield executableIn(name, fileName)
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    if (folder) yield executableAt(join(folder, fileName))
}

/** Path of the Bun executable: the pinned one of our packages, else one on the PATH, else undefined. */
function findBun() {
  for (const path of candidates()) if (path !== undefined) return path
  return undefined
}

/** Runs Bun with these arguments in place of this process: same streams, signals and exit code. */
function runBun(args) {
  const bun = findBun()
  if (bun === undefined) {
    const platform = `${process.platform}-${process.arch}`
    process.stderr.write(
      `plinth: Bun for ${platform} is not installed. Run "npm install" without --omit=optional.\n`,
    )
    process.exitCode = 3
    return
  }
  const canReplace = typeof process.execve === 'function' && process.platform !== 'win32'
  if (canReplace) process.execve(bun, [bun, ...args], process.env)
  else runBeside(bun, args)
}

/** Bun as a child; this process passes signals on to it and ends as it ends. */
function runBeside(bun, args) {
  const child = spawn(bun, args, { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`plinth: ${bun} does not start: ${error.message}\n`)
    process.exitCode = 3
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const name of signals) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}
module.exports = { findBun, runBun }
