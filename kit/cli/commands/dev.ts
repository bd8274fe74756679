import { join } from 'node:path'
import { defineCommand } from '#kit/tool'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export const dev = defineCommand({
  name: 'dev',
  summary: 'Serve, and start anew whenever a source file changes',
  usage: '',
  options: {},
  examples: ['plinth dev', 'PORT=8080 LOG_LEVEL=debug plinth dev'],
  notes: ['It takes the settings of "plinth start".'],
  run: async () => {
    const main = join(import.meta.dir, '../watched.ts')
    const child = Bun.spawn(
      [process.execPath, '--no-install', '--watch', '--no-clear-screen', main],
      { stdio: ['inherit', 'inherit', 'inherit'] },
    )
    for (const signal of signals) process.on(signal, () => child.kill(signal))
    return child.exited
  },
})
