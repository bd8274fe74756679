import { createHash } from 'node:crypto'
import type { Answer } from '../exchange.ts'
import { compileAddNames } from '../people.ts'
import { type Asked, compileRead } from '../perform.ts'
import type { ServiceContext } from '../service.ts'
import type { PrintedPage, PrintForm, Route } from '../types.ts'
import { html } from './html.ts'

/** The way a route answers a page to print. What goes wrong is a problem like any other. */
export function compileAnswerPage(route: Route, form: PrintForm, context: ServiceContext) {
  const read = compileRead(route, context)
  const { result } = route
  const addNames = result.people && compileAddNames(result.people, context)
  const { database, clock, config } = context
  return async (asked: Asked): Promise<Answer> => {
    const shown = result.encode(await read(asked))
    await addNames?.(shown, database.reader)
    const scene = { timeZone: config.storeTimezone, nowMs: clock.nowMs() }
    return toAnswer(form.toPage(shown, scene), route.status)
  }
}

function toAnswer(page: PrintedPage, status: number): Answer {
  return {
    status,
    type: 'text/html; charset=utf-8',
    body: toDocument(page),
    headers: { 'content-security-policy': policyOf(page.style), vary: 'Origin, Accept' },
  }
}

/** Nothing is loaded, run or sent; of styles it is this one alone. */
function policyOf(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64')
  return [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** The style goes in as it is, for its hash is of just this text. */
function toDocument({ title, style, body }: PrintedPage): string {
  if (style.includes('<')) throw new TypeError(`The style of "${title}" would end its element.`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${html`<title>${title}</title>`}
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`
}
