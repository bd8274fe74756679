import { toCell } from '#kit/csv'
import type { ContractCase, ContractContext } from './contract-case.ts'
import { sampleOf } from './sample.ts'

/** A file for a route that takes in CSV: one row, such as its collection's own route would create. */
export async function sampleFileOf(
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
