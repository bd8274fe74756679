import { createLog, systemClock } from '#kit/core'
import { copyDatabase } from '#kit/data'
import { type ColumnFate, type Rehearsal, type RehearsedStep, rehearse } from '#kit/migrate'
import { defineCommand, type Io, toMigrationSets } from '#kit/tool'
import { toColumns } from '../help.ts'
import { configOf } from '../migrations.ts'

export const migrateRehearse = defineCommand({
  name: 'migrate rehearse',
  summary: 'Apply the pending migrations to a copy of the data, undo them, and apply them again',
  usage: '',
  options: {},
  notes: [
    'The database itself is only read. After down, schema, row counts and the values of every column are compared with those',
    'before; after the second up, with those after the first. With something that is not as it should be the exit code is 1.',
    'On SQLite the copy is a temporary file (TMPDIR). On PostgreSQL it is a database beside the original, which needs the',
    'right to make one. There each step names the locks it takes until its migration is through: with ACCESS EXCLUSIVE',
    'nobody else reads or writes the table meanwhile, with SHARE and SHARE ROW EXCLUSIVE nobody writes to it.',
  ],
  examples: ['plinth migrate rehearse'],
  environment: ['DATABASE_URL'],
  run: async (call) => {
    const { io } = call
    const config = configOf(call)
    const sets = toMigrationSets(await call.loadApp())
    const { nowMs } = systemClock
    const rehearsal = await rehearse({
      config: config.database,
      sets,
      nowMs,
      log: createLog('silent'),
      copyRows: async (from, to) => {
        await copyDatabase({ from, to, source: 'original', sets, nowMs })
      },
    })
    report(rehearsal, io)
    return rehearsal.faults.length > 0 ? 1 : 0
  },
})

function report(rehearsal: Rehearsal, io: Io): void {
  const { ids, rows, steps, columns, faults, lacks } = rehearsal
  if (ids.length === 0) {
    io.out('Nothing to rehearse: no migration is pending.')
    return
  }
  io.out(`rehearsed on a copy with ${rows} ${rows === 1 ? 'row' : 'rows'}: ${ids.join(', ')}`)
  for (const line of toColumns(steps.map(toStepCells))) io.out(line)
  for (const line of toColumns(columns.filter(isTouched).map(toFateCells))) io.out(line)
  const untouched = columns.filter((fate) => !isTouched(fate)).length
  if (columns.length > 0) io.out(`${untouched} other columns keep their values, up and down`)
  if (lacks !== undefined) io.err(`plinth: The copy was without ${lacks}.`)
  for (const fault of faults) io.err(`plinth: ${fault}`)
  if (faults.length === 0) io.out('up, down and up again: each leads where it should')
}

function toStepCells({ direction, operations, tookMs, locks, rewritten }: RehearsedStep): string[] {
  const effects = [
    ...rewritten.map((table) => `writes ${table} anew`),
    ...locks.map(({ table, mode }) => `${mode} on ${table}`),
  ]
  return [`  ${direction}`, operations.join(', '), `${tookMs.toFixed(0)} ms`, effects.join('; ')]
}

function isTouched({ up, back }: ColumnFate): boolean {
  return up !== 'same' || back !== 'same'
}

const upTexts: Readonly<Record<ColumnFate['up'], string>> = {
  same: 'kept',
  other: 'changed',
  gone: 'gone',
}

function toFateCells(fate: ColumnFate): string[] {
  const { table, column, values, up, isSaid } = fate
  const name = `  ${table}.${column}`
  return [
    name,
    `${values} values`,
    `up: ${upTexts[up]}`,
    `down: ${backText(fate)}`,
    isSaid ? 'as said by "loses"' : '',
  ]
}

function backText({ back, values, valuesBack }: ColumnFate): string {
  const texts: Readonly<Record<ColumnFate['back'], string>> = {
    same: 'as before',
    other: 'values differ from before',
    filled: `${valuesBack - values} more values than before`,
    lost: `${values - valuesBack} values lost`,
  }
  return texts[back]
}
