import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Fault, invalidInput, Problem } from '#kit/core'
import { formatJson } from './files/format-json.ts'
import {
  type Migration,
  type MigrationFile,
  type MigrationSet,
  readMigrations,
} from './files/migration-file.ts'
import { readSnapshot, writeSnapshot } from './files/snapshot-file.ts'
import { stateAfter } from './history.ts'
import { describeOperation } from './operation.ts'
import { type Plan, planMigration } from './plan.ts'
import { toRenames } from './renames.ts'
import type { Snapshot } from './snapshot.ts'
import { toSnapshot } from './to-snapshot.ts'

export interface MakeOptions {
  /** What the migration is for: `add priority`. The first of a set is `initial` whatever it says. */
  readonly message: string
  /** Makes it even if it destroys something. */
  readonly allowLoss?: boolean
}

export interface MadeMigration {
  /** `tasks/0002-add-priority` */
  readonly id: string
  readonly path: string
  /** `add_column tasks.priority` */
  readonly operations: readonly string[]
  readonly loses: readonly string[]
}

export interface Made {
  /** Empty where the models are as the files say. */
  readonly migrations: readonly MadeMigration[]
  /** The sets whose snapshot.json did not fit their files and was brought up to date. */
  readonly refreshed: readonly string[]
}

const notice =
  'Made by plinth migrate make. Once it is applied somewhere, make another instead of editing it.'

interface Draft {
  readonly set: MigrationSet
  readonly files: readonly MigrationFile[]
  readonly after: Snapshot
  readonly plan: Plan
}

/**
 * Writes the next file of each set whose models are no longer as its files say. Needs no database. Throws
 * `invalid` with every change that cannot be made, and `conflict` where something would be destroyed that may not;
 * then nothing is written.
 */
export async function makeMigrations(
  sets: readonly MigrationSet[],
  options: MakeOptions,
): Promise<Made> {
  toSnapshot(sets.flatMap(({ models }) => models))
  const slug = toSlug(options.message)
  const drafts = await toDrafts(sets)
  const loses = drafts.flatMap(({ plan }) => plan.loses)
  if (loses.length > 0 && !options.allowLoss) throw refusedLoss(loses)
  const migrations: MadeMigration[] = []
  const refreshed: string[] = []
  for (const draft of drafts) {
    const { set, plan, after } = draft
    if (plan.up.length > 0) migrations.push(await writeMigration(draft, options.message, slug))
    else if (!isDeepStrictEqual(await readSnapshot(set), after)) refreshed.push(set.name)
    else continue
    await writeSnapshot(set, after)
  }
  return { migrations, refreshed }
}

async function toDrafts(sets: readonly MigrationSet[]): Promise<Draft[]> {
  const drafts: Draft[] = []
  const errors: Fault[] = []
  for (const set of sets) {
    const files = await readMigrations(set)
    const after = toSnapshot(set.models)
    const plan = planMigration(stateAfter(files), after, toRenames(set.models))
    if (plan.ok) drafts.push({ set, files, after, plan: plan.value })
    else errors.push(...plan.errors)
  }
  if (errors.length > 0) throw invalidInput(errors)
  return drafts
}

function toSlug(message: string): string {
  const slug = message
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
  if (slug !== '') return slug
  throw new Problem(
    'invalid',
    'Say in a few words what the migration is for: its file is named after it.',
  )
}

async function writeMigration(
  { set, files, plan }: Draft,
  message: string,
  slug: string,
): Promise<MadeMigration> {
  const number = (files.at(-1)?.number ?? 0) + 1
  const name = `${String(number).padStart(4, '0')}-${number === 1 ? 'initial' : slug}`
  const path = join(set.folder, `${name}.json`)
  const migration: Migration = {
    message,
    up: plan.up,
    down: plan.down,
    ...(plan.loses.length > 0 ? { loses: plan.loses } : {}),
  }
  await mkdir(set.folder, { recursive: true })
  await writeFile(path, `${formatJson({ '//': notice, ...migration })}\n`, { flag: 'wx' })
  return {
    id: `${set.name}/${name}`,
    path,
    operations: plan.up.map(describeOperation),
    loses: plan.loses,
  }
}

function refusedLoss(loses: readonly string[]): Problem {
  return new Problem(
    'conflict',
    `This would destroy: ${loses.join('; ')}. If that is meant, run \`plinth migrate make\` with --allow-loss; ` +
      'if something has a new name, say so with .was() in the model.',
  )
}
