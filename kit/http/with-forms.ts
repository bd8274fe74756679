import type { Awaitable } from '#kit/db'
import { compileFormOf } from './answer-form.ts'
import { compileExport } from './csv/export-csv.ts'
import type { Answer } from './exchange.ts'
import { compileAnswerPage } from './html/answer-page.ts'
import type { Asked } from './perform.ts'
import type { ServiceContext } from './service.ts'
import type { Route } from './types.ts'

/** What a request is answered, and with what bytes it came. */
type Perform = (asked: Asked, bytes: Uint8Array) => Awaitable<Answer>

/** The way a route answers, where it can be asked for another form than JSON. */
export function withForms(route: Route, context: ServiceContext, perform: Perform): Perform {
  const { csv, print } = route.result
  if (route.method !== 'GET' || !(csv || print)) return perform
  const formOf = compileFormOf(route.result)
  const forms = {
    json: perform,
    csv: csv ? compileExport(route, csv, context) : perform,
    html: print ? compileAnswerPage(route, print, context) : perform,
  }
  return (asked, bytes) => forms[formOf(asked)](asked, bytes)
}
