import { defineCommand, startServer } from '#kit/tool'
import { environment as variables } from '../environment.ts'
import { stopSignal } from '../stop-signal.ts'

export const start = defineCommand({
  name: 'start',
  summary: 'Serve; prints one line with the address when it is ready',
  usage: '',
  options: {},
  notes: [
    'It listens once the configuration is sound and the data is migrated. SIGTERM or Ctrl-C stops it: requests in flight are finished, exit code 0. What keeps it from starting is told in one line each, exit code 1.',
  ],
  examples: [
    'plinth start',
    'PORT=8080 DATABASE_URL=sqlite:////srv/app.db plinth start',
    'PLINTH_ENV=production JWT_SECRET_KEY="$(openssl rand -base64 32)" plinth start',
  ],
  environment: Object.keys(variables),
  run: async ({ io, environment, loadApp }) => {
    const stopped = stopSignal(io)
    const server = await startServer(await loadApp(), environment, { print: io.out })
    await stopped
    await server.stop()
    return 0
  },
})
