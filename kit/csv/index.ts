export { toCell, toGuarded } from './cell.ts'
export {
  byteOrderMark,
  type Column,
  type CsvRow,
  columnsOf,
  toHeaderLine,
  toLine,
} from './columns.ts'
export { FaultList, placeIn } from './fault-list.ts'
export type { ImportOptions, ImportRow } from './import-plan.ts'
export { type Chunks, type CsvRecord, readRecords } from './read-records.ts'
export { type ReadOptions, readRows } from './read-rows.ts'
export { toZonedText } from './zoned-text.ts'
