import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { Problem } from '#kit/core'
import {
  type BackupHeader,
  formatVersion,
  headerSchema,
  type Manifest,
  manifestSchema,
  sqliteMagic,
  tableSchema,
} from './format.ts'

/** What a backup consists of, in its order: the header, rows of one table at a time, the manifest. */
export type BackupPart =
  | { readonly kind: 'header'; readonly header: BackupHeader }
  | { readonly kind: 'rows'; readonly table: string; readonly lines: readonly string[] }
  | { readonly kind: 'manifest'; readonly manifest: Manifest }

const mostLines = 1000
const mostCharacters = 1024 * 1024

/** Reads a backup part by part. Throws `invalid` for a file that is none, is damaged or cut off. */
export async function* readBackup(file: string): AsyncGenerator<BackupPart> {
  const lines = readLines(file)
  try {
    const first = await lines.next()
    yield { kind: 'header', header: toHeader(file, first.done ? '' : first.value) }
    yield* readTables(file, lines)
  } finally {
    await lines.return(undefined)
  }
}

async function* readTables(
  file: string,
  lines: AsyncGenerator<string>,
): AsyncGenerator<BackupPart> {
  const rows = createRowCollector()
  for await (const line of lines) {
    const full = line.startsWith('[') ? rows.add(line) : rows.flush()
    if (full) yield full
    if (line.startsWith('[')) continue
    const manifest = fit(manifestSchema, line)?.manifest
    if (manifest === undefined) {
      rows.begin(toTableName(file, line))
      continue
    }
    yield { kind: 'manifest', manifest }
    if (!(await lines.next()).done) throw damaged(file, 'something follows its manifest')
    return
  }
  throw damaged(file, 'its end is missing')
}

/** Gathers the rows of a table until they are worth handing on. */
function createRowCollector() {
  let table = ''
  let lines: string[] = []
  let characters = 0
  const flush = (): BackupPart | undefined => {
    if (lines.length === 0) return undefined
    const part = { kind: 'rows' as const, table, lines }
    lines = []
    characters = 0
    return part
  }
  const add = (line: string): BackupPart | undefined => {
    lines.push(line)
    characters += line.length
    return lines.length >= mostLines || characters >= mostCharacters ? flush() : undefined
  }
  const begin = (name: string) => {
    table = name
  }
  return { begin, add, flush }
}

function toTableName(file: string, line: string): string {
  const found = fit(tableSchema, line)
  if (!found) throw damaged(file, 'a line of it makes no sense')
  return found.table
}

export function damaged(file: string, what: string, cause?: unknown): Problem {
  return new Problem('invalid', `${file} is damaged: ${what}. Take another backup.`, { cause })
}

function toHeader(file: string, line: string): BackupHeader {
  const header = fit(headerSchema, line)
  if (header?.plinth_backup === formatVersion) return header
  if (header || /^\{"plinth_backup":/.test(line))
    throw new Problem(
      'invalid',
      `${file} is a backup of another version of the format. Restore it with the version of Plinth that made it.`,
    )
  throw notBackup(file)
}

function notBackup(file: string): Problem {
  return new Problem(
    'invalid',
    `${file} is no backup of Plinth. Name a file that "db backup" wrote.`,
  )
}

interface Schema<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { success: false }
}

function fit<T>(schema: Schema<T>, line: string): T | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(line))
    return parsed.success ? parsed.data : undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
}

/** The lines of a compressed file. */
async function* readLines(file: string): AsyncGenerator<string> {
  await assertCompressed(file)
  const source = createReadStream(file)
  const unpacked = createGunzip()
  source.on('error', (error) => unpacked.destroy(error))
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  try {
    for await (const chunk of source.pipe(unpacked)) {
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (error) {
    if (error instanceof Problem) throw error
    throw damaged(file, 'it cannot be unpacked', error)
  } finally {
    source.destroy()
    unpacked.destroy()
  }
  if (rest !== '') throw damaged(file, 'its end is missing')
}

async function assertCompressed(file: string): Promise<void> {
  const start = await readStart(file)
  if (start.toString('latin1') === sqliteMagic)
    throw new Problem(
      'invalid',
      `${file} is a database of SQLite. Name it in DATABASE_URL as it is, or move its data: plinth db copy --from sqlite:///${file} --to URL`,
    )
  if (start[0] !== 0x1f || start[1] !== 0x8b) throw notBackup(file)
}

async function readStart(file: string): Promise<Buffer> {
  try {
    return Buffer.from(await Bun.file(file).slice(0, sqliteMagic.length).arrayBuffer())
  } catch (cause) {
    throw new Problem('not_found', `${file} cannot be read. Name the file of a backup.`, { cause })
  }
}
