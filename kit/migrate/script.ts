import type { Executor, Value } from '#kit/db'
import type { DialectName } from '#kit/model'
import { applyFile, toWorld } from './apply.ts'
import type { Engine } from './engine/engine.ts'
import { quoteText } from './engine/sql-text.ts'
import { engines } from './engines.ts'
import type { MigrationFile, MigrationSet } from './files/migration-file.ts'
import { stateAfter } from './history.ts'
import { type Applied, openLedger } from './ledger.ts'
import { readAll } from './read-all.ts'
import { type MigrationFiles, toPending, toStatus } from './status.ts'
import { defaultPatience } from './transaction.ts'

interface ScriptRequest {
  readonly engine: Engine
  readonly all: MigrationFiles
  readonly ledger: readonly Applied[]
  readonly wanted: readonly MigrationFile[]
  readonly nowMs: () => number
}

/**
 * The statements that apply these files, in the words of the runner itself: it is run on an executor that notes down
 * what it is given and answers that nothing is in the way.
 */
export async function writeScript(request: ScriptRequest): Promise<string[]> {
  const { engine, all, ledger, wanted } = request
  const pending = toPending(toStatus(all, ledger))
  const due = wanted.filter(({ id }) => pending.includes(id))
  if (due.length === 0) return []
  const lines: string[] = []
  const executor = createScribe(lines)
  const [before, after] = engine.scriptAround
  for (const statement of before) await executor.execute(statement)
  let state = toWorld(all, ledger)
  for (const [place, file] of due.entries()) {
    lines.push('', `-- ${file.id}${file.read().message ? `: ${oneLine(file.read().message)}` : ''}`)
    await engine.begin(executor, defaultPatience)
    if (place === 0 && ledger.length === 0) await openLedger(executor, engine)
    await applyFile({ executor, engine, nowMs: request.nowMs }, file, {
      before: state,
      batch: toBatch(ledger),
    })
    await executor.execute('COMMIT')
    state = stateAfter([file], state)
  }
  for (const statement of after) await executor.execute(statement)
  return lines[0] === '' ? lines.slice(1) : lines
}

function toBatch(ledger: readonly Applied[]) {
  const number = Math.max(0, ...ledger.map(({ batch }) => batch)) + 1
  return { number, isFirst: ledger.length === 0, acceptLoss: 'said' } as const
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

/** The statements that lead from an empty database of this engine to where the files are. Needs no database. */
export async function scriptOf(
  sets: readonly MigrationSet[],
  dialect: DialectName,
  nowMs: () => number,
): Promise<string[]> {
  const all = await readAll(sets)
  return writeScript({ engine: engines[dialect], all, ledger: [], wanted: all.files, nowMs })
}

/** What only looks: a question whose answer nobody hears in a script. */
const question = /^(?:SELECT(?! pg_advisory)|PRAGMA foreign_key_check)/

function createScribe(lines: string[]): Executor {
  const note = (sql: string, values: readonly Value[] = []): [] => {
    const text = withValues(sql, values)
    lines.push(question.test(sql) ? `-- asks: ${oneLine(text)}` : `${text};`)
    return []
  }
  return {
    isWritable: true,
    all: ({ sql }, values) => note(sql, values),
    run: ({ sql }, values) => note(sql, values).length,
    execute: note,
    executeChange: (sql, values) => note(sql, values).length,
  }
}

/** Our own statements with values have placeholders and nothing that looks like one. */
function withValues(sql: string, values: readonly Value[]): string {
  let place = 0
  if (values.length === 0) return sql
  return sql.replace(/\?|\$\d+/g, () => {
    const value = values[place++]
    return typeof value === 'number' ? String(value) : quoteText(String(value))
  })
}
