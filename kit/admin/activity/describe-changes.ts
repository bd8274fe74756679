import type { AuditedWrite } from './activity.ts'

const longest = 60

/** `role: user → staff; name: none → Ada`: for the descriptions of events. */
export function describeChanges({ before, after }: AuditedWrite): string {
  const names = Object.keys({ ...before, ...after }).filter((name) => name !== 'updated_at')
  return names
    .map((name) => `${name}: ${shorten(before?.[name])} → ${shorten(after?.[name])}`)
    .join('; ')
}

function shorten(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const points = [...text]
  return points.length > longest ? `${points.slice(0, longest).join('')}…` : text
}

/** `Cup, Mug and 3 more`: of as many names as there are here, and the number of the others. */
export function describeMany(names: readonly string[], count: number): string {
  const shown = names.slice(0, 3).map(shorten)
  const rest = count - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}
