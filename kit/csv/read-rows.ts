import type { FaultList } from './fault-list.ts'
import { placeIn } from './fault-list.ts'
import { type ImportOptions, type ImportRow, planImport, type ToRow } from './import-plan.ts'
import { type Chunks, type CsvRecord, readRecords } from './read-records.ts'

export interface ReadOptions extends ImportOptions {
  /** Takes all that is wrong with the file: the caller must look at it in the end. */
  readonly faults: FaultList
}

/**
 * Reads CSV as rows of a model: those that are sound, a portion at a time, in bounded memory. The first line is the
 * header. It throws nothing for any bytes whatever; what is wrong with them stands in `faults`.
 */
export async function* readRows(
  chunks: Chunks,
  options: ReadOptions,
): AsyncGenerator<readonly ImportRow[]> {
  const { faults } = options
  let toRow: ToRow | undefined
  for await (const records of readRecords(chunks, faults)) {
    const [header] = records
    if (header === undefined) continue
    const isHeaderRead = toRow !== undefined
    if (!toRow) {
      const planned = planImport(options, header)
      if (!planned.ok) return faults.add(...planned.errors)
      toRow = planned.value
    }
    yield toRows(toRow, isHeaderRead ? records : records.slice(1), faults)
  }
  if (!toRow && faults.count === 0)
    faults.add({
      path: placeIn(1),
      code: 'required',
      message: 'The file is empty: it needs a header.',
    })
}

function toRows(toRow: ToRow, records: readonly CsvRecord[], faults: FaultList): ImportRow[] {
  const rows: ImportRow[] = []
  for (const record of records) {
    const read = toRow(record)
    if (read.ok) rows.push(read.value)
    else faults.add(...read.errors)
  }
  return rows
}
