import { createLog } from '#kit/core'
import { type CommandCall, loadConfig, openApp } from '#kit/tool'
import { loadApp } from './load-app.ts'
import type { Console } from './run-cli.ts'

/** What a command gets, from its parsed arguments and the console it was called on. */
export function createCall(
  { options, args }: Pick<CommandCall, 'options' | 'args'>,
  host: Console,
): CommandCall {
  const { io, environment } = host
  return {
    options,
    args,
    io,
    environment,
    loadApp: () => loadApp(host),
    withApp: async (work) => {
      const config = loadConfig(environment)
      // A command's result is its output; the log speaks of trouble only.
      const log = createLog(environment['LOG_LEVEL'] ?? 'warn')
      const app = await openApp(await loadApp(host), { config, log })
      try {
        return await work(app.context)
      } finally {
        await app.close()
      }
    },
  }
}
