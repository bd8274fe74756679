/** A wish about a number. Printed beside what was measured; nothing fails on it. */
export interface Target {
  readonly text: string
  readonly isMet: boolean
}

export const atLeast = (wanted: number, value: number, unit = ''): Target => ({
  text: `≥ ${wanted}${unit}`,
  isMet: value >= wanted,
})

export const atMost = (wanted: number, value: number, unit = ''): Target => ({
  text: `≤ ${wanted}${unit}`,
  isMet: value <= wanted,
})

/** One line of the report. Lines with the same columns that follow each other make one table. */
export interface Finding {
  readonly title: string
  /** What stands in the table, by column. */
  readonly cells: Readonly<Record<string, string>>
  readonly target?: Target | undefined
  /** All that was measured, for the file. */
  readonly data: unknown
}
