import type { z } from 'zod'
import type { AnyModel } from './model.ts'

/** The engines. What differs between them is data on a kind or answered by a dialect, never a branch. */
export type DialectName = 'sqlite' | 'postgres'

/** How a list may be filtered by a field: `completed=true` is `eq`, `created_at[gte]=…` is `gte`. */
export type Operator = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in'

/** Which control a console draws for a field. */
export type Widget =
  | 'text'
  | 'textarea'
  | 'integer'
  | 'number'
  | 'switch'
  | 'select'
  | 'datetime'
  | 'date'
  | 'json'
  | 'reference'
  | 'file'
  | 'none'

/**
 * All there is to a kind of field. A row holds the same values as JSON does (an instant is its ISO
 * text), so a kind needs no codec between the two; only a column may need one.
 */
export interface FieldKind {
  readonly name: string
  /** Type of the column, for each engine. */
  readonly column: Readonly<Record<DialectName, string>>
  /** Value of a row to value of a column, where they differ. Never called with null. */
  readonly encode?: Partial<Record<DialectName, (value: unknown) => unknown>>
  /** Value of a column to value of a row, where they differ. Never called with null. */
  readonly decode?: Partial<Record<DialectName, (value: unknown) => unknown>>
  /** Reads the text of a query parameter; undefined where it is no value of this kind. */
  readonly fromText: (text: string) => unknown
  /** Reads a cell of a spreadsheet, where that differs from a query parameter; undefined where it is no such value. */
  readonly fromCell?: (text: string) => unknown
  /** What a cell shows of a value that is not the value itself. Never called with null. */
  readonly toCell?: (value: unknown) => string
  readonly operators: readonly Operator[]
  readonly widget: Widget
  /** Whether its values are objects or lists, of which a copy must copy what is inside. */
  readonly isStructured?: true
  /** Its values tell of a file, which is kept elsewhere: they are no part of a body, and what is dropped is gone. */
  readonly isFile?: true
  /** May be searched by `?q=`. */
  readonly isText: boolean
  /** The database numbers the rows. */
  readonly isSerial: boolean
}

/** A kind with the options one field gives it. */
export interface KindUse {
  readonly kind: FieldKind
  /** Accepts and answers the field's values in JSON. */
  readonly schema: z.ZodType
  /** What the options say beyond the kind, as data for snapshots and metadata: `{ max: 200 }`. */
  readonly options: Readonly<Record<string, unknown>>
  /** Made by the database or by us where none is given. */
  readonly generate?: 'uuid' | 'serial'
  readonly references?: Reference
}

export interface Reference {
  /** Answers the model late, since models may refer to one another. */
  readonly model: () => AnyModel
  readonly onDelete: 'restrict' | 'cascade' | 'set null'
}
