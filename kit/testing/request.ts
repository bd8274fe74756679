import type { HttpApp } from '#kit/http'
import type { TestAccount } from './accounts.ts'

/** What came back. The body is read: JSON where the response says so, else text. */
export interface Answer<Body = unknown> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
  readonly text: string
}

export type SendHeaders = Readonly<Record<string, string | null>>

/** `(who, 'METHOD /path', body?, headers?)`. */
export type SendRequest = <Body = unknown>(
  ...sent: readonly [who: string | null, line: string, body?: unknown, headers?: SendHeaders]
) => Promise<Answer<Body>>

export interface RequestContext {
  readonly address: string
  readonly as: (name: string) => Promise<TestAccount>
}

/** Sends requests to an app as if from this address. */
export function createRequest(http: HttpApp, { address, as }: RequestContext): SendRequest {
  return async <Body>(...[who, line, body, headers = {}]: Parameters<SendRequest>) => {
    const space = line.indexOf(' ')
    const path = await fillIn(line.slice(space + 1), as)
    const sent = new Headers()
    if (body !== undefined) sent.set('content-type', 'application/json')
    if (who !== null) sent.set('authorization', `Bearer ${(await as(who)).token}`)
    for (const [name, value] of Object.entries(headers))
      if (value === null) sent.delete(name)
      else sent.set(name, value)
    const request = new Request(`http://localhost${path}`, {
      method: line.slice(0, space),
      headers: sent,
      ...(body === undefined ? {} : { body: toBytes(body) }),
    })
    return toAnswer<Body>(await http.fetch(request, () => address))
  }
}

/** Bytes, so that no content type is added where the test leaves it out. */
function toBytes(body: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
}

async function fillIn(path: string, as: RequestContext['as']): Promise<string> {
  const names = new Set([...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? ''))
  let filled = path
  for (const name of names) filled = filled.replaceAll(`{${name}}`, (await as(name)).id)
  return filled
}

async function toAnswer<Body>(response: Response): Promise<Answer<Body>> {
  const text = await response.text()
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
  const body: unknown = isJson && text !== '' ? JSON.parse(text) : text
  return { status: response.status, headers: response.headers, body: body as Body, text }
}
