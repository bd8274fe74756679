import type { Database } from 'bun:sqlite'
import type { Trail } from './trail.ts'

/** Does the work in a transaction; resolves with what it answered once that is on disk. */
export type Write = <T>(work: () => T) => T | Promise<T>

/** As in Plinth: a group ends with its 64th unit, or after 2 ms. */
const groupUnits = 64
const groupMs = 2

interface Job {
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A unit that has run; what its caller is told waits for the commit. */
interface Outcome {
  readonly settle: () => void
  readonly reject: (error: unknown) => void
}

/** The two ways to commit. */
export const commits: Readonly<Record<string, (writer: Database, trail?: Trail) => Write>> = {
  grouped,
  singly,
}

/** Units that come together share a transaction, each in a savepoint, so that one that fails undoes itself alone. */
function grouped(writer: Database, trail?: Trail): Write {
  const prepare = (sql: string) => writer.prepare(sql)
  const begin = prepare('BEGIN IMMEDIATE')
  const commit = prepare('COMMIT')
  const rollback = prepare('ROLLBACK')
  const savepoint = prepare('SAVEPOINT unit')
  const release = prepare('RELEASE unit')
  const undo = prepare('ROLLBACK TO unit')
  const queue: Job[] = []

  const run = ({ work, resolve, reject }: Job): Outcome => {
    savepoint.run()
    try {
      const value = work()
      release.run()
      return { settle: () => resolve(value), reject }
    } catch (error) {
      undo.run()
      release.run()
      return { settle: () => reject(error), reject }
    }
  }

  const runUnits = (): Outcome[] => {
    const outcomes: Outcome[] = []
    const until = performance.now() + groupMs
    do {
      const job = queue.shift()
      if (!job) break
      outcomes.push(run(job))
    } while (outcomes.length < groupUnits && performance.now() < until)
    return outcomes
  }

  const runGroup = (): void => {
    begin.run()
    trail?.begin()
    const outcomes = runUnits()
    try {
      trail?.end()
      commit.run()
    } catch (error) {
      rollback.run()
      for (const { reject } of outcomes) reject(error)
      return
    }
    for (const { settle } of outcomes) settle()
  }

  let isDraining = false
  const drain = (): void => {
    runGroup()
    isDraining = queue.length > 0
    if (isDraining) setImmediate(drain)
  }

  return <T>(work: () => T) =>
    new Promise<T>((resolve, reject) => {
      queue.push({ work, resolve: resolve as Job['resolve'], reject })
      if (isDraining) return
      isDraining = true
      setImmediate(drain)
    })
}

/** Each unit in a transaction of its own. */
function singly(writer: Database, trail?: Trail): Write {
  const begin = writer.prepare('BEGIN IMMEDIATE')
  const commit = writer.prepare('COMMIT')
  const rollback = writer.prepare('ROLLBACK')
  return (work) => {
    begin.run()
    trail?.begin()
    try {
      const value = work()
      trail?.end()
      commit.run()
      return value
    } catch (error) {
      if (writer.inTransaction) rollback.run()
      throw error
    }
  }
}
