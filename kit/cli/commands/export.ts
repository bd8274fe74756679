import { rename, rm } from 'node:fs/promises'
import { byteOrderMark, columnsOf, toHeaderLine, toLine } from '#kit/csv'
import { assertGoingOn } from '#kit/data'
import { type AnyModel, type Repositories, toWire } from '#kit/model'
import { defineCommand, type Io } from '#kit/tool'
import { interruptible } from '../data/interruptible.ts'
import { createProgressLines, number } from '../data/progress-lines.ts'
import { modelNamed, reach, workerNamed } from '../data/reach.ts'

export const exportCsv = defineCommand({
  name: 'export',
  summary: 'Write all rows of a model as CSV',
  usage: '<model>',
  options: {
    out: { type: 'string', value: 'FILE', about: 'Whither; default: standard output' },
    as: { type: 'string', value: 'USER', about: 'Only what this user reaches; default: all rows' },
  },
  notes: [
    'UTF-8, the oldest rows first, the fields that answers show. Text that a spreadsheet would take for a formula gets an',
    'apostrophe, which plinth import takes off again.',
  ],
  examples: ['plinth export task --out tasks.csv', 'plinth export item | head -3'],
  environment: ['DATABASE_URL'],
  run: async ({ io, args: [name = ''], options, loadApp, withApp }) => {
    const app = await loadApp()
    const model = modelNamed(app, name)
    return withApp(async (context) => {
      const worker = await workerNamed(app, context, options.as)
      const repositories = reach(context, worker, context.database.reader)
      const { out } = options
      return interruptible(io, 'The file is not written.', async (signal) => {
        const target = out === undefined ? toConsole(io) : toFile(out)
        const rows = await writeAll({ io, model, repositories, signal }, target)
        if (out !== undefined) io.out(`wrote ${out} (${number(rows)} rows)`)
        return 0
      })
    })
  },
})

interface Export {
  readonly io: Io
  readonly model: AnyModel
  readonly repositories: Repositories
  readonly signal: AbortSignal
}

/** Where the text goes. */
interface Target {
  readonly write: (text: string) => Promise<void>
  readonly finish: () => Promise<void>
  readonly giveUp: () => Promise<void>
}

async function writeAll(given: Export, target: Target): Promise<number> {
  try {
    const count = await writeRows(given, target)
    await target.finish()
    return count
  } catch (error) {
    await target.giveUp()
    throw error
  }
}

async function writeRows({ io, model, repositories, signal }: Export, target: Target) {
  const columns = columnsOf(model)
  const show = toWire(model)
  const onProgress = createProgressLines(io)
  const repository = repositories(model)
  let text = byteOrderMark + toHeaderLine(columns)
  let count = 0
  let cursor: string | undefined
  do {
    const page = await repository.list({ sort: 'id' as never, limit: 100, cursor })
    for (const row of page.rows) text += toLine(columns, show(row as Record<string, unknown>))
    await target.write(text)
    text = ''
    count += page.rows.length
    cursor = page.next
    onProgress({ phase: 'reading', table: model.table, rows: count, total: 0 })
    await new Promise((resolve) => setImmediate(resolve))
    assertGoingOn({ signal })
  } while (cursor !== undefined)
  return count
}

const nothing = async () => {}

/** A call of the console is a line, whose end it writes itself. */
function toConsole(io: Io): Target {
  return {
    write: async (text) => {
      if (text !== '') io.out(text.replace(/\n$/, ''))
    },
    finish: nothing,
    giveUp: nothing,
  }
}

/** The file is there once it is whole. */
function toFile(name: string): Target {
  const partial = `${name}.part`
  const writer = Bun.file(partial).writer()
  return {
    write: async (text) => {
      writer.write(text)
      await writer.flush()
    },
    finish: async () => {
      await writer.end()
      await rename(partial, name)
    },
    giveUp: async () => {
      await writer.end()
      await rm(partial, { force: true })
    },
  }
}
