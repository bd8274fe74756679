const hourMs = 3_600_000
const minuteMs = 60_000

/**
 * The first instant (in milliseconds) of a date `YYYY-MM-DD` in a time zone. Where clocks go forward at midnight, that is
 * 01:00.
 */
export function startOfDayMs(date: string, timeZone: string): number {
  const dateAt = dateIn(timeZone)
  // No zone is further than 14 hours from UTC.
  let before = Date.parse(`${date}T00:00:00Z`) - 15 * hourMs
  let after = before + 30 * hourMs
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (dateAt(middle) < date) before = middle
    else after = middle
  }
  return after
}

/**
 * The moment (in milliseconds) at which clocks in a time zone show `HH:MM` on a date. Of two such moments it is one; for
 * a time that is left out, one an hour away.
 */
export function timeOfDayMs(date: string, time: string, timeZone: string): number {
  const wanted = minutesOf(time)
  const guess = startOfDayMs(date, timeZone) + wanted * minuteMs
  // Where clocks were changed since midnight, the guess is off by as much.
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
  })
  return guess + (wanted - minutesOf(format.format(guess))) * minuteMs
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number)
  return (hours ?? 0) * 60 + (minutes ?? 0)
}

/** The date after this one. */
export function nextDate(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 24 * hourMs).toISOString().slice(0, 10)
}

/** Answers the date, `YYYY-MM-DD`, that a moment (in milliseconds) has in a time zone. */
export function dateIn(timeZone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return (ms) => format.format(ms)
}
