import { z } from 'zod'
import type { Asked } from './perform.ts'
import type { ParamSchemas, Result } from './types.ts'

/** How an answer is written. */
export type AnswerForm = 'json' | 'csv' | 'html'

const mediaTypes: Readonly<Record<AnswerForm, string>> = {
  json: 'application/json',
  csv: 'text/csv',
  html: 'text/html',
}

type Forms = Pick<Result<unknown>, 'csv' | 'print'>

/** The query parameter of every route that can answer in another form than JSON. */
export function formatQueryOf(result: Forms): ParamSchemas {
  const forms = formsOf(result)
  if (forms.length === 1) return {}
  const description = 'Default: what `Accept` says, else `json`.'
  return { format: z.enum(forms).optional().meta({ description }) }
}

function formsOf({ csv, print }: Forms): AnswerForm[] {
  return ['json', ...(csv ? (['csv'] as const) : []), ...(print ? (['html'] as const) : [])]
}

/** In which of these forms an answer is wanted: as `format` says, or else `Accept` (RFC 9110, 12.5.1). */
export function compileFormOf(result: Forms): (asked: Asked) => AnswerForm {
  const forms = formsOf(result)
  return ({ query, exchange }) => {
    const format = query['format']
    if (format !== undefined) return format as AnswerForm
    const accept = exchange.headers.get('accept')
    return accept !== null && /csv|html/i.test(accept) ? preferred(accept, forms) : 'json'
  }
}

interface Range {
  readonly type: string
  readonly quality: number
}

/** The one that is named with the highest quality, of several the first; JSON where none is named. */
function preferred(accept: string, forms: readonly AnswerForm[]): AnswerForm {
  const named = accept
    .split(',')
    .map(toRange)
    .flatMap(({ type, quality }) => {
      const form = forms.find((one) => mediaTypes[one] === type)
      return form !== undefined && quality > 0 ? [{ form, quality }] : []
    })
  const best = Math.max(...named.map(({ quality }) => quality))
  return named.find(({ quality }) => quality === best)?.form ?? 'json'
}

function toRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
}
