import { formatSource, type Source } from '#kit/core'
import { checkRoutes, type RouteFault } from '#kit/http'
import type { AnyModel } from '#kit/model'
import type { App } from './create-app.ts'
import type { Tool } from './define-tool.ts'

/** What is wrong with an app, and where that was declared. */
export type AppFault = RouteFault

export function formatAppFault({ source, message }: AppFault): string {
  return `${formatSource(source)}: ${message}`
}

/** Everything that keeps an app from starting, whatever its configuration and data. */
export function checkApp(app: App): readonly AppFault[] {
  const models = [...new Set(app.models)]
  return [
    ...checkTwice(app.tools, 'tools have the name', (tool) => tool.name),
    ...checkTwice(models, 'models have the name', (model) => model.name),
    ...checkTwice(models, 'models have the table', (model) => model.table),
    ...checkTwice(app.jobs, 'jobs have the name', (job) => job.name),
    ...checkShared(app),
    ...checkReferences(app),
    ...checkAuthenticator(app),
    ...checkAdminPaths(app),
    ...checkStats(app),
    ...checkRoutes(app.tools),
  ]
}

interface Declared {
  readonly source: Source
}

function checkTwice<T extends Declared>(
  all: readonly T[],
  what: string,
  keyOf: (each: T) => string,
): AppFault[] {
  const first = new Map<string, T>()
  return all.flatMap((each) => {
    const key = keyOf(each)
    const other = first.get(key)
    if (other === undefined) first.set(key, each)
    return other === undefined
      ? []
      : [
          {
            source: each.source,
            message: `Two ${what} "${key}": here and at ${formatSource(other.source)}. Rename one, or take it out.`,
          },
        ]
  })
}

/** A model whose table two tools would make. */
function checkShared({ tools }: App): AppFault[] {
  const ownerOf = new Map<AnyModel, Tool>()
  return tools.flatMap((tool) =>
    tool.models.flatMap((model) => {
      const owner = ownerOf.get(model)
      if (owner === undefined) ownerOf.set(model, tool)
      return owner === undefined
        ? []
        : [
            {
              source: tool.source,
              message: `The model ${model.name} is in the tools ${owner.name} and ${tool.name}. Leave it to the one that makes its table.`,
            },
          ]
    }),
  )
}

/** Models that are pointed at but belong to no tool: nothing would make their tables. */
function checkReferences({ models, routes }: App): AppFault[] {
  const known = new Set<string>(models.map((model) => model.name))
  const fromModels = models.flatMap((model) =>
    referencesOf(model)
      .filter(({ target }) => !known.has(target))
      .map(({ field, target }) => ({
        source: model.source,
        message: `Model ${model.name}: its field ${field} refers to the model ${target}, which is in no tool. Add it to the models of a tool.`,
      })),
  )
  const fromRoutes = routes.flatMap((route) =>
    [...new Set([route.result.model, route.entity])]
      .filter((model) => model !== undefined && !known.has(model.name))
      .map((model) => ({
        source: route.source,
        message: `Route ${route.name}: its model ${model?.name} is in no tool. Add it to the models of a tool.`,
      })),
  )
  return [...fromModels, ...fromRoutes]
}

function referencesOf(model: AnyModel): { readonly field: string; readonly target: string }[] {
  return Object.entries(model.fields).flatMap(([field, { spec }]) => {
    const target = spec.use.references?.model()
    return target ? [{ field, target: target.name }] : []
  })
}

function checkAuthenticator({ tools, routes, source }: App): AppFault[] {
  const [first, ...others] = tools.filter((tool) => tool.authenticator !== undefined)
  const closed = routes.find((route) => route.access !== 'anyone')
  if (first === undefined && closed !== undefined)
    return [
      {
        source,
        message: `Route ${closed.name} (${formatSource(closed.source)}) is for ${closed.access}, but no tool knows who is who. Add a tool with an authenticator, such as accounts.`,
      },
    ]
  return others.map((tool) => ({
    source: tool.source,
    message: `The tools ${first?.name} and ${tool.name} both declare an authenticator. Take one out.`,
  }))
}

/** What stands under a path for admins is for admins, whoever declared it. */
function checkAdminPaths({ routes }: App): AppFault[] {
  return routes
    .filter(({ path, access }) => path.split('/').includes('admin') && access !== 'admin')
    .map(({ name, path, access, source }) => ({
      source,
      message: `Route ${name}: ${path} is a path for admins, but its access is "${access}". Make it "admin", or give it another path.`,
    }))
}

/** Two tools that add the same member to the stats: one would hide the other. */
function checkStats({ tools }: App): AppFault[] {
  const members = tools.flatMap(({ stats }) =>
    stats.flatMap(({ counts, under, source }) =>
      (under === undefined ? Object.keys(counts) : [under]).map((key) => ({ key, source })),
    ),
  )
  return checkTwice(members, 'stats have the name', ({ key }) => key)
}
