import { Problem } from '#kit/core'

/**
 * Why an app does not start: all faults that were found, each one line with its repair. The entry point prints them
 * and exits with 1.
 */
export class StartError extends AggregateError {
  readonly faults: readonly string[]

  constructor(faults: readonly string[], cause?: unknown) {
    const problems = faults.map((fault) => new Problem('unavailable', fault, { cause }))
    super(problems, faults.join('\n'))
    this.name = 'StartError'
    this.faults = faults
  }
}
