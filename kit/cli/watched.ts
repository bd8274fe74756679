import { io } from './io.ts'
import { runCli } from './run-cli.ts'

// What `plinth dev` has watched: a server that does not start leaves the process to wait for the next change.
const exitCode = await runCli(['start'], { io, environment: process.env, folder: process.cwd() })
if (exitCode === 0) process.exit(0)
io.err('plinth: Waiting for a change.')
