import { fileURLToPath } from 'node:url'
import type { Answer, Exchange } from '../exchange.ts'
import { publicPaths } from '../public-routes.ts'
import { toDocsHtml, toStartScript } from './docs-html.ts'

export interface DocsPage {
  readonly path: string
  readonly answer: (exchange: Exchange) => Answer | Promise<Answer>
}

/** Own files alone, and no other server: Scalar writes its styles into the page and draws icons from data. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const scriptFile = fileURLToPath(new URL('./scalar.js.gz', import.meta.url))
const script = 'text/javascript; charset=utf-8'

/** The OpenAPI document and its page, all from files of our own. */
export function createDocsPages(name: string, openApi: () => object): DocsPage[] {
  let document: string | undefined
  return [
    {
      path: publicPaths.openApi,
      answer: () => {
        document ??= JSON.stringify(openApi())
        return { status: 200, type: 'application/json', body: document }
      },
    },
    {
      path: publicPaths.docs,
      answer: () => ({
        ...toPage('text/html; charset=utf-8', toDocsHtml(name)),
        headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
      }),
    },
    { path: publicPaths.docsStart, answer: () => toPage(script, toStartScript()) },
    { path: publicPaths.docsScript, answer: answerScript },
  ]
}

function toPage(contentType: string, body: Answer['body']): Answer {
  return { status: 200, type: undefined, body, headers: { 'content-type': contentType } }
}

/** The vendored script, as it lies on disk: compressed, but for the few clients that cannot take that. */
async function answerScript({ headers }: Exchange): Promise<Answer> {
  const packed = await Bun.file(scriptFile).bytes()
  const takesGzip = /\bgzip\b/i.test(headers.get('accept-encoding') ?? '')
  const page = toPage(script, takesGzip ? packed : Bun.gunzipSync(packed))
  return {
    ...page,
    headers: {
      ...page.headers,
      ...(takesGzip ? { 'content-encoding': 'gzip' } : {}),
      'cache-control': 'public, max-age=3600',
      vary: 'Origin, Accept-Encoding',
    },
  }
}
