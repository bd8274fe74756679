import { type Fault, Problem } from '#kit/core'

/** More than this nobody reads at once; the others are counted. */
const mostListed = 100

/** The faults of a file, with the lines they stand in. */
export class FaultList {
  readonly #listed: Fault[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  add(...faults: readonly Fault[]): void {
    this.#count += faults.length
    for (const fault of faults.slice(0, mostListed - this.#listed.length)) this.#listed.push(fault)
  }

  /** Throws where there are any: `conflict` if all of them are values that are taken, else `invalid`. */
  assertNone(): void {
    if (this.#count > 0) throw this.#toProblem()
  }

  #toProblem(): Problem {
    const rest = this.#count - this.#listed.length
    const errors = [...this.#listed]
    if (rest > 0)
      errors.push({ path: '', code: 'more', message: `And ${rest} more faults after these.` })
    const isTaken = this.#listed.every(({ code }) => code === 'taken')
    const first = this.#listed[0]
    const number = this.#count === 1 ? 'One fault' : `${this.#count} faults`
    return new Problem(
      isTaken ? 'conflict' : 'invalid',
      `${number} in the file; nothing was imported. ${first?.path}: ${first?.message}`,
      { errors },
    )
  }
}

/** `line.12.name`: where a fault stands. */
export function placeIn(line: number, column?: string): string {
  return column === undefined ? `line.${line}` : `line.${line}.${column}`
}
