import { checkApp, formatAppFault } from '#kit/tool'
import { broken, type Check, sound } from './check.ts'

export const appCheck: Check = {
  name: 'app',
  look: ({ app }) => {
    if (app === undefined) return []
    const faults = checkApp(app).map(formatAppFault)
    const { models, routes } = app
    return faults.length > 0
      ? faults.map((fault) => broken(fault, 'Mend the declaration; until then nothing starts.'))
      : [sound(`${app.name} ${app.version}: ${models.length} models, ${routes.length} routes`)]
  },
}
