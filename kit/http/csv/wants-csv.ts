import { z } from 'zod'
import type { Asked } from '../perform.ts'

/** The query parameter of every route that also answers CSV. */
export const formatQuery = Object.freeze({
  format: z
    .enum(['json', 'csv'])
    .optional()
    .meta({ description: 'Default: what `Accept` says, else `json`.' }),
})

/** Whether CSV is asked for: by `format`, or else by `Accept` (RFC 9110, 12.5.1). */
export function wantsCsv({ query, exchange }: Asked): boolean {
  const format = query['format']
  if (format !== undefined) return format === 'csv'
  const accept = exchange.headers.get('accept')
  return accept !== null && /csv/i.test(accept) && prefersCsv(accept)
}

interface Range {
  readonly type: string
  readonly quality: number
}

/** Whether `text/csv` is named, and JSON not rather: named with a higher quality, or the same and before it. */
function prefersCsv(accept: string): boolean {
  const named = accept
    .split(',')
    .map(toRange)
    .filter(({ type, quality }) => types.includes(type) && quality > 0)
  const best = Math.max(...named.map(({ quality }) => quality))
  return named.find(({ quality }) => quality === best)?.type === 'text/csv'
}

const types: readonly string[] = ['text/csv', 'application/json']

function toRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
}
