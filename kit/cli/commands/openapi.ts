import { toOpenApi } from '#kit/http'
import { defineCommand } from '#kit/tool'
import { allToolsOf } from '../all-tools.ts'

export const openapi = defineCommand({
  name: 'openapi',
  summary: 'Print the OpenAPI document of the app',
  usage: '',
  options: {
    out: { type: 'string', short: 'o', value: 'FILE', about: 'Write it to a file instead' },
  },
  examples: ['plinth openapi | jq .paths', 'plinth openapi --out openapi.json'],
  run: async ({ options, io, loadApp }) => {
    const app = await loadApp()
    const text = JSON.stringify(toOpenApi(app, allToolsOf(app)), null, 2)
    if (options.out === undefined) io.out(text)
    else await Bun.write(options.out, `${text}\n`)
    return 0
  },
})
