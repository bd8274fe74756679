import { formatSource } from '#kit/core'
import type { Route } from '#kit/http'
import { defineCommand } from '#kit/tool'
import { allToolsOf } from '../all-tools.ts'
import { toColumns } from '../help.ts'

const columns = ['method', 'path', 'access', 'model', 'source'] as const

export const routes = defineCommand({
  name: 'routes',
  summary: 'List the routes: who may call them, and where they are declared',
  usage: '',
  options: { json: { type: 'boolean', about: 'Print JSON' } },
  examples: ['plinth routes', 'plinth routes --json | jq \'.[] | select(.access == "anyone")\''],
  run: async ({ options, io, loadApp }) => {
    const rows = allToolsOf(await loadApp()).flatMap((tool) => tool.routes.map(toEntry))
    const lines = options.json
      ? [JSON.stringify(rows, null, 2)]
      : toColumns([
          columns.map((name) => name.toUpperCase()),
          ...rows.map((row) => columns.map((name) => row[name] ?? '-')),
        ])
    for (const line of lines) io.out(line)
    return undefined
  },
})

function toEntry(route: Route) {
  return {
    name: route.name,
    method: route.method as string,
    path: route.path,
    access: route.access as string,
    model: (route.result.model ?? route.entity)?.name ?? null,
    source: formatSource(route.source),
  }
}
