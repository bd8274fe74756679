import { app } from '#app'
import { createPasswords, passwords } from '#kit/auth'
import { StartError, startServer } from '#kit/tool'

/** The app as users run it, but that a password costs a thousandth: for tests with many log-ins. */
async function serve(): Promise<void> {
  const server = await startServer(app, process.env, {
    overrides: [[passwords, createPasswords({ cost: 4 })]],
  })
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)))
}

try {
  await serve()
} catch (error) {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
