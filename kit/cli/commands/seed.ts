import { createLog } from '#kit/core'
import {
  type App,
  type CommandCall,
  defineCommand,
  loadConfig,
  runDemo,
  runSeeds,
  type SeedReport,
  usageFault,
} from '#kit/tool'

const options = {
  demo: {
    type: 'boolean',
    about: 'Play days of made-up use, too: people who count, add, fetch and complete',
  },
  days: { type: 'string', value: 'N', about: 'How many days, 1 to 60; default 14' },
} as const

type Call = CommandCall<typeof options>

const usualDays = 14

export const seedSet = defineCommand({
  name: 'seed',
  summary: 'Put in what a set of tools begins with: plinth seed store',
  usage: '<set>',
  options,
  notes: [
    'Rows go into empty tables, and once: it may be called again without doubling anything, and what an admin changed or removed does not come back.',
    'With --demo people work with the tools on each of the days before today, through the same rules as everybody. A database that people work with is refused; one that has the demo stays as it is. The PINs of those people are printed, once.',
  ],
  examples: [
    'plinth seed store',
    'DATABASE_URL=sqlite:///data/demo.db plinth seed store --demo',
    'plinth seed store --demo --days 3',
  ],
  environment: ['DATABASE_URL', 'STORE_TIMEZONE'],
  run: async (call) => {
    const { io, args, withApp, loadApp } = call
    const app = await loadApp()
    const set = setNamed(app, args[0] ?? '')
    if (call.options.demo) return playDemo(call, app, set)
    if (call.options.days !== undefined) throw usageFault('--days: It goes with --demo.')
    return withApp(async (context) => {
      const chosen = app.tools.filter(({ seedSet }) => seedSet === set)
      tellSeeds(io, await runSeeds(chosen, context))
      return 0
    })
  },
})

async function playDemo(call: Call, app: App, set: string): Promise<number> {
  const { io, environment } = call
  const days = toDays(call.options.days)
  const { seeds, requests } = await runDemo(app, {
    set,
    days,
    config: loadConfig(environment),
    log: createLog(environment['LOG_LEVEL'] ?? 'warn'),
    nowMs: Date.now,
    say: io.out,
  })
  tellSeeds(io, seeds)
  io.out(
    requests === undefined
      ? 'The demo is there already: nothing was done.'
      : `Played ${days} days: ${requests} requests.`,
  )
  return 0
}

function setNamed({ tools }: App, name: string): string {
  const sets = [...new Set(tools.flatMap(({ seedSet }) => seedSet ?? []))]
  if (sets.includes(name)) return name
  throw usageFault(`seed: There is no set "${name}". There are: ${sets.join(', ') || 'none'}.`)
}

function toDays(text = String(usualDays)): number {
  const days = /^\d{1,2}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > 60) throw usageFault(`--days: "${text}" is no number from 1 to 60.`)
  return days
}

function tellSeeds(io: Call['io'], seeds: readonly SeedReport[]): void {
  for (const { tool, made, found } of seeds) io.out(`${tool}: ${made} made, ${found} there already`)
}
