import { toOperation } from './openapi-operation.ts'
import { createSchemaBook, type SchemaBook } from './openapi-schemas.ts'
import type { Identity } from './public-routes.ts'
import type { HttpTool } from './types.ts'

const problemSchema = Object.freeze({
  type: 'object',
  description: 'RFC 9457. `error` holds the same text as `detail`.',
  required: ['type', 'title', 'status', 'code', 'detail', 'error', 'request_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'What to tell problems apart by.' },
    detail: { type: 'string', description: 'What is wrong and what to do.' },
    error: { type: 'string' },
    request_id: { type: 'string' },
    errors: {
      type: 'array',
      description: 'All faults of an invalid input.',
      items: {
        type: 'object',
        required: ['path', 'code', 'message'],
        properties: {
          path: { type: 'string', description: 'Dotted: `items.3.code`.' },
          code: { type: 'string' },
          message: { type: 'string' },
        },
      },
    },
  },
})

/** The OpenAPI 3.1 document of these tools' routes. Made anew at each call. */
export function toOpenApi({ name, version }: Identity, tools: readonly HttpTool[]): object {
  const book = createSchemaBook()
  const paths = toPaths(tools, book)
  return {
    openapi: '3.1.0',
    info: { title: name, version },
    servers: [{ url: '/' }],
    tags: tools.map((tool) => ({ name: tool.name })),
    paths,
    components: {
      schemas: { ...sorted(book.components), Problem: problemSchema },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

function toPaths(tools: readonly HttpTool[], book: SchemaBook): Record<string, object> {
  const paths: Record<string, Record<string, object>> = {}
  for (const tool of tools)
    for (const route of tool.routes) {
      const path = route.path.replace(/:(\w+)/g, '{$1}')
      const methods = paths[path] ?? {}
      methods[route.method.toLowerCase()] = toOperation(route, tool, book)
      paths[path] = methods
    }
  return paths
}

function sorted(entries: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)))
}
