import type { z } from 'zod'
import { type ProblemKind, problemKinds } from '#kit/core'
import type { SchemaBook } from './openapi-schemas.ts'
import { paramNamesOf } from './request-parts.ts'
import { needsActor, problemsOf, takesIdempotencyKey, takesIfMatch } from './route-problems.ts'
import type { HttpTool, Route } from './types.ts'

const text = Object.freeze({ type: 'string' })

/** The OpenAPI operation of a route. */
export function toOperation(route: Route, tool: HttpTool, book: SchemaBook): object {
  return {
    operationId: route.name,
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    tags: [tool.name],
    security: needsActor(route) ? [{ bearer: [] }] : [],
    parameters: [
      ...pathParameters(route, book),
      ...Object.entries(route.query).map(([name, schema]) => queryParameter(name, schema, book)),
      ...headerParameters(route),
    ],
    ...(route.body ? { requestBody: bodyOf(route.body, book) } : {}),
    ...(route.form
      ? {
          requestBody: {
            required: true,
            content: { [route.form.type]: { schema: route.form.schema ?? text } },
          },
        }
      : {}),
    responses: { ...successOf(route, book), ...problemResponses(route, tool) },
  }
}

function pathParameters(route: Route, book: SchemaBook): object[] {
  return paramNamesOf(route.path).map((name) => {
    const schema = route.params[name]
    const isSelf = name === route.self
    return {
      name,
      in: 'path',
      required: true,
      ...(isSelf ? { description: 'Your own id, or `me`.' } : {}),
      schema: schema && !isSelf ? book.toSchema(schema, 'input') : text,
    }
  })
}

function queryParameter(name: string, schema: z.ZodType, book: SchemaBook): object {
  const isRequired = !schema.safeParse(undefined).success
  return { name, in: 'query', required: isRequired, schema: book.toSchema(schema, 'input') }
}

function headerParameters(route: Route): object[] {
  const headers: object[] = []
  if (route.method === 'GET' && route.result.hasEntityTag)
    headers.push(header('If-None-Match', 'Answers 304 if this is still its entity tag.'))
  if (takesIfMatch(route))
    headers.push(header('If-Match', 'Refuses to write (412) if this is no longer its entity tag.'))
  if (takesIdempotencyKey(route))
    headers.push({
      ...header('Idempotency-Key', 'The same key and request gets the same answer for 24 hours.'),
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    })
  return headers
}

function header(name: string, description: string) {
  return { name, in: 'header', required: false, description, schema: text }
}

function bodyOf(schema: z.ZodType, book: SchemaBook): object {
  return {
    required: !schema.safeParse(undefined).success,
    content: { 'application/json': { schema: book.toSchema(schema, 'input') } },
  }
}

function successOf(route: Route, book: SchemaBook): Record<string, object> {
  const headers = successHeaders(route)
  const successAs = (status: number) => ({
    description: status === 201 ? 'Created.' : 'Done.',
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    content: {
      ...(route.result.raw
        ? Object.fromEntries(route.result.raw.types.map((type) => [type, {}]))
        : { 'application/json': { schema: book.toSchema(route.result.schema, 'output') } }),
      ...(route.result.csv ? { 'text/csv': { schema: text } } : {}),
      ...(route.result.print ? { 'text/html': { schema: text } } : {}),
    },
  })
  const statuses = [route.status, ...(route.result.status?.others ?? [])]
  const isConditional = route.method === 'GET' && route.result.hasEntityTag
  return {
    ...Object.fromEntries(statuses.map((status) => [String(status), successAs(status)])),
    ...(isConditional ? { '304': { description: 'Not changed.' } } : {}),
    ...(route.result.raw ? rangeAnswers : {}),
  }
}

const rangeAnswers = Object.freeze({
  '206': { description: 'The part that `Range` asked for.' },
  '416': { description: '`Range` begins beyond the end.' },
})

function successHeaders(route: Route): Record<string, object> {
  const headers: Record<string, object> = {}
  const add = (name: string, description: string) => {
    headers[name] = { description, schema: text }
  }
  if (route.result.hasEntityTag) add('ETag', 'The entity tag of this version.')
  if (route.result.isPage) {
    add('Link', 'The next page, as `<…>; rel="next"`. Not there on the last one.')
    add('X-Total-Count', 'How many there are in all, where `count=true` was asked.')
  }
  if (takesIdempotencyKey(route)) add('Idempotency-Replayed', '`true` where it was stored before.')
  return headers
}

/** One response for each status; its codes in the description. */
function problemResponses(route: Route, tool: HttpTool): Record<string, object> {
  const byStatus = new Map<number, ProblemKind[]>()
  for (const kind of problemsOf(route)) {
    const status = kind === problemKinds.invalid ? tool.invalid : kind.status
    byStatus.set(status, [...(byStatus.get(status) ?? []), kind])
  }
  const described = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, kinds]) => [String(status), problemOf(kinds)])
  return { ...Object.fromEntries(described), default: problemOf([problemKinds.internal]) }
}

function problemOf(kinds: readonly ProblemKind[]): object {
  return {
    description: kinds.map(({ code, title }) => `\`${code}\`: ${title}.`).join(' '),
    content: {
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    },
  }
}
