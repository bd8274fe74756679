import { createPublicTool, type HttpTool, type Route } from '#kit/http'
import type { App } from '#kit/tool'
import type { TestAccount } from '../accounts.ts'
import type { Answer, SendHeaders } from '../request.ts'
import type { TestApp } from '../test-app.ts'
import { type JsonSchema, toBodySchema } from './json-schema.ts'
import { sampleOf } from './sample.ts'

/** What a route needs to succeed where its declaration does not say enough. */
export interface Sample {
  readonly body?: unknown
  /** Another body that fits. */
  readonly other?: unknown
  readonly path?: string
  /** The account's name, where it must be a certain one. */
  readonly who?: string
}

/** Makes the sample of one request; `account` is the one that will send it, undefined where nobody does. */
export type SampleOf = (app: TestApp, account: TestAccount | undefined) => Promise<Sample> | Sample

/** By the names of routes. */
export type Samples = Readonly<Record<string, SampleOf>>

/** One route under contract. */
export interface ContractCase {
  readonly route: Route
  readonly tool: HttpTool
  readonly body: JsonSchema | undefined
}

/** What the tests of a contract share while they run. */
export interface ContractContext {
  readonly app: TestApp
  readonly cases: readonly ContractCase[]
  readonly samples: Samples
  /** Sends a request and asserts all that holds for every answer of the route. */
  readonly send: (
    sent: ContractCase,
    request: {
      readonly who?: string | null
      readonly path?: string
      readonly body?: unknown
      readonly headers?: SendHeaders
    },
  ) => Promise<Answer>
}

/** Every route of the app, those that the kit itself answers first. */
export function casesOf(app: App): ContractCase[] {
  const tools = [createPublicTool(app, async () => undefined), ...app.tools]
  return tools.flatMap((tool) =>
    tool.routes.map((route) => ({
      route,
      tool,
      body: route.body ? toBodySchema(route.body) : undefined,
    })),
  )
}

/** What a request of this route must say of its body, where that is no JSON. */
export function headersOf({ route }: ContractCase): SendHeaders {
  if (!route.form) return {}
  const { type } = route.form
  return { 'content-type': type.startsWith('multipart/') ? `${type}; boundary=contract` : type }
}

/** Somebody who just passes this route's door; null where nobody need be signed in. */
export function whoPasses({ access }: Route): string | null {
  return access === 'anyone' ? null : access
}

const unknownIds: Readonly<Record<string, string>> = {
  text: '019b76da-a800-7000-8000-00000000dead',
  number: '999999999',
}

/** The route's path, its parameters such as could be, though there is nothing under them. */
export function unknownPath({ path, params, self }: Route): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    if (name === self) return 'me'
    const schema = params[name]
    if (!schema) return unknownIds['text'] ?? ''
    const fitting = Object.values(unknownIds).find((id) => schema.safeParse(id).success)
    return fitting ?? String(sampleOf(toBodySchema(schema)))
  })
}
