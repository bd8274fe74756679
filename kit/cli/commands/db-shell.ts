import { Problem } from '#kit/core'
import type { ServiceContext } from '#kit/http'
import type { AnyModel } from '#kit/model'
import { type App, defineCommand, usageFault } from '#kit/tool'
import { runShell } from '../shell/run-shell.ts'
import { nameOf, shellNames, type Who } from '../shell/shell-names.ts'

export const dbShell = defineCommand({
  name: 'db shell',
  summary: 'Try things on the data: JavaScript with the models bound to somebody',
  usage: '',
  options: {
    as: { type: 'string', value: 'USER', about: 'Reach what this user reaches: username or id' },
    system: { type: 'boolean', about: 'Reach every row, past all policies' },
    json: { type: 'boolean', about: 'Show rows as JSON, one a line' },
  },
  notes: [
    'Each model stands under its name: Task.list({ where: { completed: false } }). Promises are awaited, await may stand',
    'anywhere, and what is declared stays. What is piped in is run line by line, and ends at the first fault.',
  ],
  examples: [
    'plinth db shell --as ada',
    'plinth db shell --system',
    "echo 'Task.count()' | plinth db shell --as ada",
    "echo 'User.list()' | plinth db shell --system --json | jq .username",
  ],
  environment: ['DATABASE_URL'],
  run: async ({ io, options, loadApp, withApp }) => {
    const { as: name, system } = options
    if ((name === undefined) === (system === undefined))
      throw usageFault('db shell: It needs --as USER, or --system for all rows.')
    const app = await loadApp()
    return withApp(async (context) => {
      const who = name === undefined ? 'system' : await whoIs(app, context, name)
      return runShell({
        io,
        label: name ?? 'system',
        names: shellNames(context, app.models, who),
        help: helpFor(app, who),
        show: {
          hidden: hiddenFields(app.models),
          isJson: options.json ?? false,
          width: process.stdout.columns ?? 200,
        },
      })
    })
  },
})

async function whoIs(app: App, context: ServiceContext, name: string): Promise<Who> {
  const find = app.tools.find(({ actorNamed }) => actorNamed !== undefined)?.actorNamed
  if (!find) throw usageFault('db shell: This app has no users. Call it with --system.')
  const actor = await find(context, name)
  if (actor) return { actor }
  throw new Problem('not_found', `There is no active user "${name}". See: plinth user list`)
}

/** Hashes and the like: on a screen they are of no use to anybody but who looks over a shoulder. */
function hiddenFields(models: readonly AnyModel[]): ReadonlySet<string> {
  const secret = new Set(['internal', 'writeonly'])
  return new Set(
    models.flatMap(({ fields }) =>
      Object.keys(fields).filter((name) => secret.has(fields[name]?.spec.exposure ?? '')),
    ),
  )
}

function helpFor({ models }: App, who: Who): string[] {
  const names = models.map(nameOf)
  const isAdmin = who !== 'system' && who.actor.role === 'admin'
  return [
    `Models: ${names.join(', ')}`,
    'Each has list, find, get, count, create, change, remove, restore: Task.list({ limit: 5 })',
    ...(isAdmin ? ['All rows, for an admin: everyone.Task.list()'] : []),
    ...(who === 'system' ? ["SQL, reading only: sql('SELECT count(*) FROM tasks')"] : []),
    "Joins: query(models.Task).selectFrom('tasks').selectAll().execute()",
    '.help shows this, .exit or Ctrl-D ends',
  ]
}
