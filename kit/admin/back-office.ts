import { defineRoute, type Result, type Route } from '#kit/http'
import type { ActiveTool, NamesOf } from './activity/activity.ts'
import { activityPaths, feedRoutes } from './activity/feed-routes.ts'
import { auditRoutes, type SoundTool } from './audit-routes.ts'
import type { Admin } from './define-admin.ts'
import { type AdminMeta, adminMeta } from './meta/meta-schema.ts'
import { modelMeta } from './meta/model-meta.ts'
import { readStats, type Stats, statsSchema } from './stats.ts'

/** What the back office must know of a tool. */
export interface BackOfficeTool extends ActiveTool, SoundTool {
  readonly routes: readonly Route[]
  readonly admin: readonly Admin[]
  readonly stats: readonly Stats[]
  readonly namesOf: NamesOf | undefined
}

const statsPath = '/api/admin/stats'

/** The routes about all tools at once: what there is for admins, counts, feeds. */
export function backOfficeRoutes(tools: readonly BackOfficeTool[]): Route[] {
  const names = tools.find(({ namesOf }) => namesOf !== undefined)?.namesOf ?? nobody
  const own: Route[] = [statsRoute(tools), ...feedRoutes(tools, names), ...auditRoutes(tools)]
  return [metaRoute(tools), ...own]
}

const nobody: NamesOf = async () => new Map()

function statsRoute(tools: readonly BackOfficeTool[]): Route {
  const stats = tools.flatMap((tool) => tool.stats)
  return defineRoute({
    name: 'admin.stats',
    summary: 'Count what there is',
    access: 'admin',
    method: 'GET',
    path: statsPath,
    result: statsSchema(stats),
    handle: ({ everyone }) => readStats(everyone, stats),
  })
}

function metaRoute(tools: readonly BackOfficeTool[]): Route {
  let meta: AdminMeta | undefined
  return defineRoute({
    name: 'admin.meta',
    summary: 'Describe all that admins can do',
    description:
      'One document from which a console can draw itself, derived from the models and the routes.',
    access: 'admin',
    method: 'GET',
    path: '/api/admin/meta',
    result: metaResult,
    handle: () => {
      // Not before somebody asks: a start does not wait for it.
      meta ??= toMeta(tools)
      return meta
    },
  })
}

const metaResult: Result<AdminMeta> = Object.freeze({
  schema: adminMeta,
  model: undefined,
  hasEntityTag: true,
  isPage: false,
  encode: (meta: AdminMeta) => meta,
})

function toMeta(tools: readonly BackOfficeTool[]): AdminMeta {
  const routes = tools.flatMap((tool) => tool.routes)
  const paths = new Map(
    tools.flatMap((tool) => tool.admin.map(({ model, path }) => [model.name, path] as const)),
  )
  const context = { routes, pathOf: ({ name }: { readonly name: string }) => paths.get(name) }
  return {
    models: tools.flatMap((tool) =>
      tool.admin.map((admin) => modelMeta(admin, tool.name, context)),
    ),
    pages: { stats: statsPath, ...activityPaths },
  }
}
