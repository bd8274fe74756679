import { afterAll, beforeAll, describe } from 'bun:test'
import { createLog, type Log } from '#kit/core'
import { type Database, openDatabase } from '#kit/db'
import { createTables } from '#kit/migrate'
import type { AnyModel, DialectName } from '#kit/model'
import type { DialectUnderTest, TestDatabase } from './dialects/dialect-under-test.ts'
import { dialectsUnderTest } from './dialects-under-test.ts'

export interface OpenOptions {
  /** Default: silent. */
  readonly log?: Log
  readonly nowMs?: () => number
}

/** An engine to run tests on. */
export interface TestDialect {
  readonly name: DialectName
  /**
   * Opens a new database that holds these models' tables, empty. It is closed and removed after the tests
   * of the group; a test may close it earlier.
   */
  open(models: readonly AnyModel[], options?: OpenOptions): Promise<Database>
  /** A new database that nothing has opened yet; removed after the tests of the group. */
  create(): Promise<TestDatabase>
}

/** How long a server may take to start on a busy machine. */
const startMs = 60_000

/** Runs the tests once on every engine. */
export function eachDialect(name: string, tests: (dialect: TestDialect) => void): void {
  for (const dialect of dialectsUnderTest) describeOn(dialect, name, tests)
}

/** Runs the tests on one engine: for what it alone has. */
export function onDialect(
  engine: DialectName,
  name: string,
  tests: (dialect: TestDialect) => void,
): void {
  for (const dialect of dialectsUnderTest)
    if (dialect.name === engine) describeOn(dialect, name, tests)
}

function describeOn(
  dialect: DialectUnderTest,
  name: string,
  tests: (dialect: TestDialect) => void,
): void {
  const isAvailable = dialect.isAvailable()
  if (!isAvailable) tellMissing(dialect.name)
  describe.skipIf(!isAvailable)(`${name} (${dialect.name})`, () => {
    beforeAll(() => dialect.start(), startMs)
    const closers: (() => Promise<void>)[] = []
    const create = async () => {
      const made = await dialect.create()
      closers.push(made.remove)
      return made
    }
    const open = async (models: readonly AnyModel[], options: OpenOptions = {}) => {
      const { config } = await create()
      const opened = await openDatabase(config, { log: createLog('silent'), models, ...options })
      closers.push(() => opened.close())
      await createTables(opened, models)
      return opened
    }
    tests({ name: dialect.name, open, create })
    // After what the tests close themselves.
    afterAll(async () => {
      for (const close of closers.reverse()) await close()
    })
  })
}

const missing = new Set<string>()

/** Loud, and once: tests that were left out look like tests that passed. */
function tellMissing(name: string): void {
  if (missing.has(name)) return
  missing.add(name)
  console.warn(
    `\n!!! There is no ${name} server on this machine and none could be started: ALL TESTS ON ${name.toUpperCase()} ARE LEFT OUT.\n!!! Install PostgreSQL's server programs, or set PLINTH_TEST_POSTGRES=postgres://user:password@host:5432.\n`,
  )
}
