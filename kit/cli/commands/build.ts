import { relative, resolve } from 'node:path'
import { checkApp, defineCommand, formatAppFault, StartError, toMigrationSets } from '#kit/tool'
import { bundleApp } from '../build/bundle-app.ts'

export const build = defineCommand({
  name: 'build',
  summary: 'Bundle the app and all it needs into dist, from which it starts faster',
  usage: '',
  options: {},
  notes: [
    'While dist is made of the sources as they are, plinth runs it; else it runs the sources. A copy of dist runs anywhere, without the sources and node_modules: bun dist/plinth.js start',
  ],
  examples: ['plinth build && plinth start'],
  run: async ({ io, loadApp }) => {
    const app = await loadApp()
    const faults = checkApp(app).map(formatAppFault)
    if (faults.length > 0) throw new StartError(faults)
    const data = toMigrationSets(app).map(({ folder }) => folder)
    const dist = await bundleApp({ folder: resolve('.'), data })
    io.out(`built ${relative('.', dist)}: plinth start uses it until a source changes`)
    return 0
  },
})
