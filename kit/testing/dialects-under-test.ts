import type { DialectUnderTest } from './dialects/dialect-under-test.ts'
import { postgresUnderTest } from './dialects/postgres.ts'
import { sqliteUnderTest } from './dialects/sqlite.ts'

/** The engines that the tests run on. */
export const dialectsUnderTest: readonly DialectUnderTest[] = Object.freeze([
  sqliteUnderTest,
  postgresUnderTest,
])
