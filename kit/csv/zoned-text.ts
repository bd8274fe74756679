/** Local wall time with its offset. Making a formatter costs far more than using it. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** A moment as it reads in a time zone: `2026-11-01T01:30:00-08:00`. */
export function toZonedText(ms: number, timeZone: string): string {
  const seconds = Math.floor(ms / 1000) * 1000
  const part = partsOf(seconds, timeZone)
  const day = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
  const time = `${part('hour')}:${part('minute')}:${part('second')}`
  const offset = part('timeZoneName').slice('GMT'.length)
  return `${day}T${time}${offset === '' ? '+00:00' : offset.slice(0, 6)}`
}

function partsOf(ms: number, timeZone: string) {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  )
  return (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? ''
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const found = formats.get(timeZone)
  if (found) return found
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  })
  formats.set(timeZone, format)
  return format
}
