import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '#kit/core'
import type { AnyModel } from '#kit/model'
import { type Operation, operationSchema } from '../operation.ts'
import { fitJson, readJson } from './read-json.ts'

/** The migrations of one tool. */
export interface MigrationSet {
  /** The tool's name. */
  readonly name: string
  /** Holds the files; it need not be there while there are none. */
  readonly folder: string
  readonly models: readonly AnyModel[]
}

/** What a migration's file says. */
export interface Migration {
  readonly message: string
  readonly up: readonly Operation[]
  readonly down: readonly Operation[]
  /** What `up` destroys. */
  readonly loses?: readonly string[]
}

/** A migration's file, its operations not looked at yet. */
export interface MigrationFile {
  readonly set: string
  readonly number: number
  /** `0001-initial` */
  readonly name: string
  /** `tasks/0001-initial` */
  readonly id: string
  readonly path: string
  /** Of what `up` says: spaces, message and `down` may be corrected later. */
  readonly checksum: string
  /** Throws `conflict` where it is damaged. */
  readonly read: () => Migration
}

const fileName = /^((\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*)\.json$/

const migrationSchema: z.ZodType<Migration> = z.strictObject({
  '//': z.string().exactOptional(),
  message: z.string(),
  up: z.array(operationSchema),
  down: z.array(operationSchema),
  loses: z.array(z.string()).exactOptional(),
})

/** The files of a set by number. Throws `conflict` for a damaged one and for two of one number. */
export async function readMigrations(set: MigrationSet): Promise<MigrationFile[]> {
  const names = (await namesIn(set.folder)).filter(
    (name) => name.endsWith('.json') && name !== 'snapshot.json',
  )
  const files = await Promise.all(names.sort().map((name) => toFile(set, name)))
  files.forEach((file, place) => {
    const former = files[place - 1]
    if (former?.number === file.number) throw sameNumber(former, file)
  })
  return files
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

async function toFile(set: MigrationSet, fullName: string): Promise<MigrationFile> {
  const path = join(set.folder, fullName)
  const [, name, number] = fileName.exec(fullName) ?? []
  if (name === undefined) {
    throw new Problem('conflict', `${path} must have a name like 0002-add-priority.json.`)
  }
  const content = await readJson(path)
  return Object.freeze({
    set: set.name,
    number: Number(number),
    name,
    id: `${set.name}/${name}`,
    path,
    checksum: checksumOf(content),
    read: once(() => fitJson(migrationSchema, content, path)),
  })
}

function checksumOf(content: unknown): string {
  const up = typeof content === 'object' && content !== null && 'up' in content ? content.up : null
  return createHash('sha256').update(JSON.stringify(up)).digest('hex')
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function sameNumber(one: MigrationFile, other: MigrationFile): Problem {
  return new Problem(
    'conflict',
    `${one.id} and ${other.id} have the same number. Rename the newer file to the next free number, ` +
      'then run `plinth migrate make`, which brings snapshot.json up to date.',
  )
}
