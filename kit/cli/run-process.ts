import type { App } from '#kit/tool'
import { io } from './io.ts'
import { runCli } from './run-cli.ts'

/** Runs the command line of this process and ends it: with the app of this folder, or with the one that is bundled. */
export async function runProcess(folder: string, bundled?: () => Promise<App>): Promise<never> {
  const argv = process.argv.slice(2)
  const exitCode = await runCli(argv, { io, environment: process.env, folder, bundled })
  // All output is written by now (io writes at once); what still runs must not keep the process.
  process.exit(exitCode)
}
