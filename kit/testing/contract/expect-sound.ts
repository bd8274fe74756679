import { expect } from 'bun:test'
import { AuditEntry, secretChanged } from '#kit/db'
import type { Answer } from '../request.ts'
import type { TestApp } from '../test-app.ts'
import type { ContractCase } from './contract-case.ts'

/** Asserts what holds for every answer, whatever was asked. */
export function createExpectSound(app: TestApp): (answer: Answer, sent: ContractCase) => void {
  const document = app.opened.http.openApi() as Document
  const hidden = hiddenNames(app)
  const { database } = app.config
  const secrets = [app.config.secret, database.dialect === 'sqlite' ? database.file : database.url]
  return (answer, { route }) => {
    expectHeaders(answer, route)
    if (answer.status >= 400) expectProblem(answer)
    const operation =
      document.paths[route.path.replace(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()]
    const declared = Object.keys(operation?.responses ?? {}).map(Number)
    expect(declared, `${route.name}: statuses in OpenAPI`).toContain(answer.status)
    const isTrail = route.result.model === AuditEntry
    const told = isTrail ? withoutMarks(answer.body) : answer.body
    expect(keysOf(told).filter((key) => hidden.has(key))).toEqual([])
    for (const inner of [...internals, ...secrets])
      expect(
        typeof inner === 'string'
          ? answer.text.includes(inner) && inner
          : (inner.exec(answer.text)?.[0] ?? false),
      ).toBe(false)
  }
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>
}

/** What only the inside knows: traces, statements, paths, hashes. */
const internals: readonly RegExp[] = [
  /\n\s+at /,
  /\.ts:\d+/,
  /node_modules|bun:|file:\/\//,
  /SQLITE_|constraint failed|no such (?:table|column)|syntax error/i,
  /ERR_POSTGRES|violates|duplicate key|relation "|invalid input syntax|out of range for type/i,
  /\b(?:SELECT|INSERT|UPDATE|DELETE)\b.+\b(?:FROM|INTO|SET)\b/,
  /\$2[abxy]?\$\d\d\$|\$argon2/,
]

/** Fields that never leave: internal and writeonly ones that are public nowhere. */
function hiddenNames(app: TestApp): ReadonlySet<string> {
  const fields = app.app.models.flatMap((model) => Object.entries(model.fields))
  const isShown = (exposure: string) => exposure === 'public' || exposure === 'readonly'
  const shown = new Set(
    fields.filter(([, { spec }]) => isShown(spec.exposure)).map(([name]) => name),
  )
  return new Set(fields.map(([name]) => name).filter((name) => !shown.has(name)))
}

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)])
}

/** The audit trail says of secrets that they are there or not, and nothing else. */
function withoutMarks(body: unknown): unknown {
  const isMark = (value: unknown) => value === null || value === secretChanged
  return JSON.parse(JSON.stringify(body), (_, value) => (isMark(value) ? undefined : value))
}

type TestedRoute = ContractCase['route']

function expectHeaders({ headers, status }: Answer, { path, result }: TestedRoute): void {
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(headers.get('referrer-policy')).toBeTruthy()
  expect(headers.get('x-powered-by')).toBeNull()
  expect(headers.get('x-request-id')).toBeTruthy()
  const type = headers.get('content-type') ?? ''
  if (status === 200 && result.raw) expect(result.raw.types).toContain(type)
  else if (status !== 304) expect(type).toMatch(/^application\/(problem\+)?json$/)
  if (path.startsWith('/api/auth/')) expect(headers.get('cache-control')).toBe('no-store')
  if (status === 401) expect(headers.get('www-authenticate')).toMatch(/^Bearer/)
}

const members = ['type', 'title', 'status', 'code', 'detail', 'error', 'request_id', 'errors']

/** What an error has within, and nobody outside is told. */
const insides = ['stack', 'cause', 'kind', 'headers']

/** RFC 9457, and the members that every one of ours has. */
export function expectProblem({ status, headers, body }: Answer): void {
  expect(headers.get('content-type')).toBe('application/problem+json')
  const problem = body as Readonly<Record<string, unknown>>
  const { errors = [], ...texts } = problem as { errors?: readonly object[] } & typeof problem
  // Some have members of their own beside these.
  const names = Object.keys({ ...texts, errors })
  expect(names).toEqual(expect.arrayContaining([...members]))
  expect(names.filter((name) => insides.includes(name))).toEqual([])
  for (const name of ['type', 'title', 'code', 'detail']) expect(texts[name]).toMatch(/\S/)
  expect(problem['status']).toBe(status)
  expect(problem['error']).toBe(problem['detail'])
  expect(problem['request_id']).toBe(headers.get('x-request-id'))
  for (const fault of errors) {
    expect(Object.keys(fault)).toEqual(['path', 'code', 'message'])
    for (const text of Object.values(fault)) expect(text).toBeString()
  }
  expect(status).toBeLessThan(500)
}
