import { expect, test } from 'bun:test'
import { dateIn, nextDate, startOfDayMs, timeOfDayMs } from './days.ts'

const starts: readonly [zone: string, date: string, start: string][] = [
  ['UTC', '2026-01-12', '2026-01-12T00:00:00.000Z'],
  ['America/Los_Angeles', '2026-03-08', '2026-03-08T08:00:00.000Z'],
  ['America/Los_Angeles', '2026-03-09', '2026-03-09T07:00:00.000Z'],
  ['America/Los_Angeles', '2026-11-01', '2026-11-01T07:00:00.000Z'],
  ['America/Los_Angeles', '2026-11-02', '2026-11-02T08:00:00.000Z'],
  ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z'],
  ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00.000Z'],
  ['Pacific/Niue', '2026-01-01', '2026-01-01T11:00:00.000Z'],
]

for (const [zone, date, start] of starts)
  test(`${date} in ${zone} begins at ${start}`, () => {
    const ms = startOfDayMs(date, zone)
    expect(new Date(ms).toISOString()).toBe(start)
    expect([dateIn(zone)(ms - 1) < date, dateIn(zone)(ms)]).toEqual([true, date])
  })

test('the next date goes over months and years', () => {
  expect(['2026-02-28', '2028-02-28', '2026-12-31'].map(nextDate)).toEqual([
    '2026-03-01',
    '2028-02-29',
    '2027-01-01',
  ])
})

const times: readonly [zone: string, date: string, time: string, moment: string][] = [
  ['UTC', '2026-01-12', '21:05', '2026-01-12T21:05:00.000Z'],
  ['America/Los_Angeles', '2026-01-12', '00:00', '2026-01-12T08:00:00.000Z'],
  ['America/Los_Angeles', '2026-03-08', '01:59', '2026-03-08T09:59:00.000Z'],
  ['America/Los_Angeles', '2026-03-08', '21:00', '2026-03-09T04:00:00.000Z'],
  ['America/Los_Angeles', '2026-11-01', '05:30', '2026-11-01T13:30:00.000Z'],
  ['America/Santiago', '2026-09-06', '05:00', '2026-09-06T08:00:00.000Z'],
]

for (const [zone, date, time, moment] of times)
  test(`${time} of ${date} in ${zone} is ${moment}`, () => {
    expect(new Date(timeOfDayMs(date, time, zone)).toISOString()).toBe(moment)
  })
