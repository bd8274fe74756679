import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Problem } from '#kit/core'
import type { AnyModel } from '#kit/model'
import { eachDialect } from '#kit/testing'
import type { AuditDraft } from '../audit/audit-draft.ts'
import { anyWrite, type Command, firstWrites, performWrite } from '../fixture/random-writes.ts'
import { emptyTables, withRecorded } from '../fixture/recorded.ts'
import { type Book, recordedModels } from '../fixture/recorded-models.ts'
import type { BoundRepositories } from '../types.ts'

type Rows = Record<string, unknown>
type Table = Map<string, Rows>
type Memory = Map<string, Table>

const audited = recordedModels.filter(({ isAudited }) => isAudited)

/** Does to the rows in memory what the draft says, which must be about rows as they are there. */
function replay(memory: Memory, { model: name, rowId, before, after }: AuditDraft): void {
  const table = memory.get(name) ?? new Map<string, Rows>()
  memory.set(name, table)
  const row = table.get(rowId)
  if (before === null) expect(row).toBeUndefined()
  else expect(row).toMatchObject(told(name, before))
  if (after === null) {
    expect(Object.keys(row ?? {}).sort()).toEqual(Object.keys(told(name, before ?? {})).sort())
    table.delete(rowId)
  } else table.set(rowId, { ...row, ...told(name, after) })
}

/** Answers how many drafts there were. */
function replayAll(memory: Memory, drafts: readonly AuditDraft[] = []): number {
  for (const draft of drafts) replay(memory, draft)
  return drafts.length
}

/** What entries tell: not what is untracked; of a secret, whether there is one. */
function told(name: string, row: Rows): Rows {
  const { fields } = recordedModels.find((model) => model.name === name) as AnyModel
  const entries = Object.entries(row).filter(([field]) => fields[field]?.spec.isTracked)
  return Object.fromEntries(
    entries.map(([field, value]) => {
      const isSecret = fields[field]?.spec.exposure === 'internal'
      return [field, isSecret && value !== null ? '(changed)' : value]
    }),
  )
}

async function readTables(db: BoundRepositories): Promise<Memory> {
  const memory: Memory = new Map()
  for (const model of audited) {
    const { rows } = await db(model as typeof Book).list({ limit: 100 })
    memory.set(model.name, new Map(rows.map((row) => [String(row.id), told(model.name, row)])))
  }
  return memory
}

type Sequence = readonly (readonly Command[])[]

eachDialect('entries', (dialect) => {
  const { clock, database, system } = withRecorded(dialect)

  /** What a unit of these writes notes; undefined where it fails. */
  const attempt = async (commands: readonly Command[]) => {
    clock.nowMs += 1000
    const unit = system(async (db) => {
      for (const command of commands) await performWrite(db, command)
    })
    const done = await unit.catch((error: unknown) => {
      if (error instanceof Problem && error.kind.status < 500) return undefined
      throw error
    })
    return done?.drafts
  }

  test('tell every write: who replays them has exactly what the tables hold', async () => {
    const units: number[] = []
    const replayed = async (sequence: Sequence): Promise<Memory> => {
      const memory: Memory = new Map(audited.map(({ name }) => [name, new Map()]))
      replayAll(memory, (await system(firstWrites)).drafts)
      for (const commands of sequence) units.push(replayAll(memory, await attempt(commands)))
      return memory
    }
    const unit = fc.array(anyWrite, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.array(unit, { minLength: 1, maxLength: 15 }), async (sequence) => {
        await emptyTables(database())
        const memory = await replayed(sequence)
        expect(memory).toEqual((await system(readTables)).result)
      }),
      { numRuns: 60 },
    )
    // A property of writes that all fail would show nothing.
    expect(units.filter((count) => count > 0).length / units.length).toBeGreaterThan(0.25)
  }, 120_000)
})
