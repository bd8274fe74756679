import { z } from 'zod'

/**
 * A backup is lines of JSON, compressed with gzip: a header; for each table a line that names it, and its rows, each an
 * array in the order of the columns, sorted by id; the manifest. `zcat` shows it, and no engine is needed to read it.
 */
export const formatVersion = 1

const count = z.int().nonnegative()

export const headerSchema = z.strictObject({
  plinth_backup: z.int(),
  app: z.string(),
  /** The engine it was made on, for people: it can be restored on any. */
  engine: z.string(),
  made_at: z.string(),
  migrations: z.array(z.strictObject({ id: z.string(), checksum: z.string() })),
  tables: z.array(z.strictObject({ name: z.string(), columns: z.array(z.string()), rows: count })),
})

export type BackupHeader = z.infer<typeof headerSchema>

/** Stands at the end, since only then it is known. A file without it is cut off. */
export const manifestSchema = z.strictObject({
  manifest: z.array(
    z.strictObject({
      name: z.string(),
      rows: count,
      /** SHA-256 of the lines of its rows, each with its line feed. */
      sha256: z.string(),
      /** The last number the table gave to a row; zero where it does not number them. */
      last: count,
    }),
  ),
})

export type Manifest = z.infer<typeof manifestSchema>['manifest']

export const tableSchema = z.strictObject({ table: z.string() })

/** The first bytes of a file of SQLite. */
export const sqliteMagic = 'SQLite format 3\0'
