import { expect, test } from 'bun:test'
import { tools } from './fixture/note-tools.ts'
import { toOpenApi } from './openapi.ts'

interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly security: readonly unknown[]
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: Readonly<Record<string, unknown>>
  }[]
  readonly requestBody?: unknown
  readonly responses: Readonly<Record<string, { readonly headers?: object; content?: unknown }>>
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Record<string, unknown>>> }
}

const document = toOpenApi({ name: 'notebook', version: '1' }, tools) as Document

function operation(method: string, path: string): Operation {
  const found = document.paths[path]?.[method]
  if (!found) throw new Error(`No operation ${method} ${path}`)
  return found
}

const notes = '/api/{user_id}/notes'

test('models stand in components, and are referred to', () => {
  expect(Object.keys(document.components.schemas)).toEqual([
    ...['Note', 'NoteInput', 'NotePatch', 'Person', 'Place', 'PlaceInput', 'PlacePatch', 'Problem'],
  ])
  const json = (name: string) => ({
    'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
  })
  expect(operation('post', notes).requestBody).toEqual({
    required: true,
    content: json('NoteInput'),
  })
  expect(operation('post', notes).responses['201']?.content).toEqual(json('Note'))
  expect(operation('put', `${notes}/{id}`).requestBody).toMatchObject({
    content: json('NotePatch'),
  })
  expect(operation('get', notes).responses['200']?.content).toEqual({
    'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Note' } } },
    'text/csv': { schema: { type: 'string' } },
  })
})

test('every reference leads somewhere, and nothing internal is told', () => {
  const text = JSON.stringify(document)
  for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    expect(document.components.schemas).toHaveProperty(name)
  expect(text).not.toMatch(/\$defs|\$schema|hidden|secret/)
})

test('parameters: of the path, of the query with its kinds, of the headers', () => {
  const list = operation('get', notes).parameters
  expect(list.find(({ name }) => name === 'user_id')).toMatchObject({ in: 'path', required: true })
  const schemaOf = (name: string) => list.find((parameter) => parameter.name === name)?.schema
  expect(schemaOf('limit')).toMatchObject({ type: 'integer', minimum: 1, maximum: 100 })
  expect(schemaOf('count')).toEqual({ type: 'boolean' })
  expect(schemaOf('done')).toEqual({ type: 'boolean' })
  expect(schemaOf('sort')).toMatchObject({ enum: ['created_at', '-created_at', 'title', '-title'] })
  expect(schemaOf('created_at[gte]')).toEqual({ type: 'string', format: 'date-time' })
  expect(list.every((parameter) => parameter.in === 'path' || !parameter.required)).toBe(true)
  const names = (method: string, path: string) =>
    operation(method, path).parameters.map(({ name }) => name)
  expect(names('post', notes)).toEqual(['user_id', 'Idempotency-Key'])
  expect(names('put', `${notes}/{id}`)).toEqual(['user_id', 'id', 'If-Match'])
  expect(names('get', `${notes}/{id}`)).toEqual(['user_id', 'id', 'If-None-Match'])
})

test('problems follow from the declaration, invalid input has the status of its tool', () => {
  const statuses = (method: string, path: string) =>
    Object.keys(operation(method, path).responses).sort()
  expect(statuses('post', notes)).toEqual(
    ['201', '400', '401', '403', '409', '413', '415', '422', 'default'].sort(),
  )
  expect(statuses('get', `${notes}/{id}`)).toEqual(
    ['200', '304', '401', '403', '404', '422', 'default'].sort(),
  )
  expect(statuses('get', '/api/places')).toEqual(['200', '400', 'default'])
  expect(statuses('get', '/api/down')).toEqual(['200', '422', 'default'])
})

test('security, tags and the headers of answers', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(operation('get', notes)).toMatchObject({ security: [{ bearer: [] }], tags: ['notes'] })
  expect(operation('get', '/api/places').security).toEqual([])
  const headers = (method: string, path: string, status: string) =>
    Object.keys(operation(method, path).responses[status]?.headers ?? {})
  expect(headers('get', notes, '200')).toEqual(['Link', 'X-Total-Count'])
  expect(headers('post', notes, '201')).toEqual(['ETag', 'Idempotency-Replayed'])
})
