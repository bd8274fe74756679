import { toCell } from '#kit/csv'
import type { ContractCase, ContractContext } from './contract-case.ts'
import { sampleOf } from './sample.ts'

/** A picture whose bytes are all text, in a form. */
const picture = [
  '--contract',
  'Content-Disposition: form-data; name="file"; filename="sample.gif"',
  'Content-Type: image/gif',
  '',
  `GIF89a${' '.repeat(100)}`,
  '--contract--',
  '',
].join('\r\n')

/** A file for a route that takes one in. */
export async function sampleFileOf(
  context: ContractContext,
  tested: ContractCase,
): Promise<string | undefined> {
  const isForm = tested.route.form?.type.startsWith('multipart/')
  return isForm ? picture : sampleCsvOf(context, tested)
}

/** CSV of one row, such as its collection's own route would create. */
async function sampleCsvOf(
  { app, cases, samples }: ContractContext,
  { route }: ContractCase,
): Promise<string | undefined> {
  const collection = route.path.slice(0, route.path.lastIndexOf('/'))
  const maker = cases.find((one) => one.route.method === 'POST' && one.route.path === collection)
  const sample = maker && (await samples[maker.route.name]?.(app, undefined))
  const row = sample?.body ?? (maker?.body && sampleOf(maker.body))
  if (typeof row !== 'object' || row === null) return undefined
  return [Object.keys(row), Object.values(row).map(toCell)].map((line) => `${line}\r\n`).join('')
}
