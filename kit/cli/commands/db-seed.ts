import { defineCommand, runSeeds, usageFault } from '#kit/tool'

export const dbSeed = defineCommand({
  name: 'db seed',
  summary: 'Put in the rows that the tools begin with',
  usage: '[tool]',
  options: {},
  notes: ['It may be called again: rows that are there stay as they are.'],
  examples: ['plinth db seed', 'plinth db seed items'],
  environment: ['DATABASE_URL'],
  run: async ({ io, args: [wanted], loadApp, withApp }) => {
    const { tools } = await loadApp()
    const seeded = tools.filter(({ seed }) => seed !== undefined)
    const chosen = seeded.filter(({ name }) => wanted === undefined || name === wanted)
    if (wanted !== undefined && chosen.length === 0) {
      const names = seeded.map(({ name }) => name).join(', ') || 'none'
      throw usageFault(`db seed: No tool "${wanted}" has a seed. There are: ${names}.`)
    }
    if (chosen.length === 0) {
      io.out('Nothing to do: no tool has a seed.')
      return 0
    }
    return withApp(async (context) => {
      for (const { tool, made, found } of await runSeeds(chosen, context))
        io.out(`${tool}: ${made} made, ${found} there already`)
      return 0
    })
  },
})
