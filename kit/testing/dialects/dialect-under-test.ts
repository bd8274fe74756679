import type { DatabaseConfig } from '#kit/core'
import type { DialectName } from '#kit/model'

/** An empty database of its own for a test. */
export interface TestDatabase {
  readonly config: DatabaseConfig
  /** Removes it from the machine, once it is closed. */
  remove(): Promise<void>
}

/** How the tests come by an engine. */
export interface DialectUnderTest {
  readonly name: DialectName
  /** Whether this machine has what it takes. */
  isAvailable(): boolean
  /** Readies what all its databases need. */
  start(): Promise<unknown>
  create(): Promise<TestDatabase>
}
