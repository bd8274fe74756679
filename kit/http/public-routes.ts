import { z } from 'zod'
import { defineRoute } from './define-route.ts'
import type { HttpTool } from './types.ts'

export interface Identity {
  readonly name: string
  readonly version: string
}

const healthSchema = z.object({ status: z.literal('healthy') }).meta({ id: 'Health' })
const healthy = Object.freeze({ status: 'healthy' as const })

/** The paths that the kit itself answers. */
export const publicPaths = Object.freeze({
  root: '/',
  health: '/health',
  apiHealth: '/api/health',
  process: '/healthz',
  ready: '/readyz',
  openApi: '/openapi.json',
  docs: '/docs',
  docsScript: '/docs/scalar.js',
  docsStart: '/docs/start.js',
})

/** What everybody may ask any app: what it is, and whether it is well. */
export function createPublicTool(
  { name, version }: Identity,
  isReady: () => Promise<void>,
): HttpTool {
  const { root, health, apiHealth, process, ready } = publicPaths
  return {
    name: 'server',
    invalid: 422,
    routes: [
      rootRoute(root, { name, version }),
      healthRoute('server.health', health),
      healthRoute('server.api-health', apiHealth),
      healthRoute('server.process', process),
      defineRoute({
        name: 'server.ready',
        summary: 'Whether it can serve: database reachable, migrations current',
        access: 'anyone',
        method: 'GET',
        path: ready,
        result: healthSchema,
        problems: ['unavailable'],
        prepare: () => isReady(),
        handle: () => healthy,
      }),
    ],
  }
}

function rootRoute(path: string, identity: Identity) {
  const { openApi, docs, health } = publicPaths
  const answer = { ...identity, docs, openapi: openApi, health }
  return defineRoute({
    name: 'server.about',
    summary: 'What this server is',
    access: 'anyone',
    method: 'GET',
    path,
    result: z.object({
      name: z.string(),
      version: z.string(),
      docs: z.string(),
      openapi: z.string(),
      health: z.string(),
    }),
    handle: () => answer,
  })
}

function healthRoute(name: string, path: string) {
  return defineRoute({
    name,
    summary: 'Whether it is alive',
    access: 'anyone',
    method: 'GET',
    path,
    result: healthSchema,
    handle: () => healthy,
  })
}
