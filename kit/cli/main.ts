import { io } from './io.ts'
import { runCli } from './run-cli.ts'

const exitCode = await runCli(process.argv.slice(2), {
  io,
  environment: process.env,
  folder: process.cwd(),
})
// All output is written by now (io writes at once); what still runs must not keep the process.
process.exit(exitCode)
