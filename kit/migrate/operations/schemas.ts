import { z } from 'zod'
import { fieldKinds } from '#kit/model'
import type { AppendOnlySnapshot, Column, IndexSnapshot, Snapshot, Table } from '../snapshot.ts'

/** Names end up in SQL: nothing else gets there. */
export const nameSchema = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'Must be a name in snake_case of at most 63 characters.')

const kindSchema = z
  .string()
  .refine(
    (name) => fieldKinds[name] !== undefined,
    `Must be one of: ${Object.keys(fieldKinds).join(', ')}.`,
  )

export const columnSchema: z.ZodType<Column> = z.strictObject({
  name: nameSchema,
  kind: kindSchema,
  isOptional: z.boolean(),
  default: z.json().exactOptional(),
  references: z
    .strictObject({ table: nameSchema, onDelete: z.enum(['restrict', 'cascade', 'set null']) })
    .exactOptional(),
})

export const indexSchema: z.ZodType<IndexSnapshot> = z.strictObject({
  name: nameSchema,
  fields: z.array(nameSchema).min(1),
  unique: z.boolean(),
  ignoreCase: z.boolean(),
  where: z
    .record(nameSchema, z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .exactOptional(),
})

export const appendOnlySchema: z.ZodType<AppendOnlySnapshot> = z.strictObject({
  until: z
    .strictObject({ field: nameSchema, table: nameSchema, position: nameSchema, mark: nameSchema })
    .exactOptional(),
})

export const tableSchema: z.ZodType<Table> = z.strictObject({
  name: nameSchema,
  columns: z.array(columnSchema).min(1),
  indexes: z.array(indexSchema),
  appendOnly: appendOnlySchema.exactOptional(),
})

export const snapshotSchema: z.ZodType<Snapshot> = z.strictObject({
  '//': z.string().exactOptional(),
  tables: z.array(tableSchema),
})
