import { describe, expect, test } from 'bun:test'
import type { DialectName } from '#kit/model'
import type { Step } from './engine/step.ts'
import {
  applyOperation,
  invertOperation,
  type Operation,
  operationSchema,
  toSteps,
} from './operation.ts'
import type { Column, IndexSnapshot, Snapshot } from './snapshot.ts'

const column = (name: string, kind: string, more: Partial<Column> = {}): Column => ({
  name,
  kind,
  isOptional: false,
  ...more,
})
const index = (name: string, fields: readonly string[], more: Partial<IndexSnapshot> = {}) => ({
  name,
  fields,
  unique: false,
  ignoreCase: false,
  ...more,
})

/** `tasks`, which belong to `users`. */
const before: Snapshot = {
  tables: [
    {
      name: 'tasks',
      columns: [
        column('id', 'serial'),
        column('done', 'boolean', { default: false }),
        column('title', 'text'),
        column('user_id', 'uuid', { references: { table: 'users', onDelete: 'cascade' } }),
      ],
      indexes: [index('tasks_title_done', ['title', 'done'])],
    },
    { name: 'users', columns: [column('id', 'uuid')], indexes: [] },
  ],
}

/** The statements, with `?` for a question to the database. */
function sqlOf(dialect: DialectName, operation: Operation): string[] {
  const after = applyOperation(before, operation)
  return flatten(toSteps(dialect, [{ operation, before, after }]))
}

function flatten(steps: readonly Step[]): string[] {
  return steps.flatMap((step) =>
    typeof step === 'string' ? [step] : [`? ${step.query}`, ...flatten(step.decide([]))],
  )
}

interface Case {
  readonly operation: Operation
  readonly sqlite: readonly string[]
  readonly postgres: readonly string[]
}

const asideQuery =
  "? SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view') ORDER BY type, rowid"
const rebuilt = (columns: string, names: string, values = names) => [
  asideQuery,
  `CREATE TABLE "plinth_new_tasks" (${columns}) STRICT`,
  `INSERT INTO "plinth_new_tasks" (${names}) SELECT ${values} FROM "tasks"`,
  "DELETE FROM sqlite_sequence WHERE name = 'plinth_new_tasks'",
  "INSERT INTO sqlite_sequence (name, seq) SELECT 'plinth_new_tasks', seq FROM sqlite_sequence WHERE name = 'tasks'",
  'DROP TABLE "tasks"',
  'ALTER TABLE "plinth_new_tasks" RENAME TO "tasks"',
  'CREATE INDEX "tasks_title_done" ON "tasks" ("title", "done")',
]

const cases: readonly Case[] = [
  {
    operation: {
      op: 'create_table',
      table: {
        name: 'notes',
        columns: [
          column('id', 'uuid'),
          column('name', 'text', { default: "it's" }),
          column('rank', 'number', { isOptional: true }),
          column('task_id', 'integer', { references: { table: 'tasks', onDelete: 'set null' } }),
        ],
        indexes: [
          index('n', ['name', 'rank'], {
            unique: true,
            ignoreCase: true,
            where: { name: 'x', rank: null },
          }),
        ],
      },
    },
    sqlite: [
      `CREATE TABLE "notes" ("id" TEXT PRIMARY KEY NOT NULL, "name" TEXT NOT NULL DEFAULT 'it''s', "rank" REAL, "task_id" INTEGER NOT NULL REFERENCES "tasks" ("id") ON DELETE SET NULL) STRICT`,
      `CREATE UNIQUE INDEX "n" ON "notes" (lower("name"), "rank") WHERE "name" = 'x' AND "rank" IS NULL`,
    ],
    postgres: [
      `CREATE TABLE "notes" ("id" uuid CONSTRAINT "notes_pkey" PRIMARY KEY, "name" text COLLATE "C" NOT NULL DEFAULT 'it''s', "rank" double precision, "task_id" bigint NOT NULL)`,
      'ALTER TABLE "notes" ADD CONSTRAINT "notes_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "tasks" ("id") ON DELETE SET NULL',
      `CREATE UNIQUE INDEX "n" ON "notes" (lower("name" COLLATE "C"), "rank") WHERE "name" = 'x' AND "rank" IS NULL`,
    ],
  },
  {
    operation: { op: 'drop_table', table: 'users' },
    sqlite: ['DROP TABLE "users"'],
    postgres: [
      'ALTER TABLE "tasks" DROP CONSTRAINT IF EXISTS "tasks_user_id_fkey"',
      'DROP TABLE "users"',
    ],
  },
  {
    operation: { op: 'rename_table', from: 'tasks', to: 'todos' },
    sqlite: [
      'DROP INDEX "tasks_title_done"',
      'ALTER TABLE "tasks" RENAME TO "todos"',
      'CREATE INDEX "todos_title_done" ON "todos" ("title", "done")',
    ],
    postgres: [
      'ALTER TABLE "tasks" RENAME TO "todos"',
      'ALTER TABLE "todos" RENAME CONSTRAINT "tasks_pkey" TO "todos_pkey"',
      'ALTER INDEX "tasks_title_done" RENAME TO "todos_title_done"',
      'ALTER TABLE "todos" RENAME CONSTRAINT "tasks_user_id_fkey" TO "todos_user_id_fkey"',
    ],
  },
  {
    operation: {
      op: 'add_column',
      table: 'tasks',
      column: column('urgent', 'boolean', { default: true }),
    },
    sqlite: ['ALTER TABLE "tasks" ADD COLUMN "urgent" INTEGER NOT NULL DEFAULT 1'],
    postgres: ['ALTER TABLE "tasks" ADD COLUMN "urgent" boolean NOT NULL DEFAULT true'],
  },
  {
    operation: { op: 'add_column', table: 'tasks', column: column('rank', 'integer') },
    sqlite: [
      '? SELECT 1 FROM "tasks" LIMIT 1',
      ...rebuilt(
        '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "done" INTEGER NOT NULL DEFAULT 0, "rank" INTEGER NOT NULL, "title" TEXT NOT NULL, "user_id" TEXT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE',
        '"id", "done", "title", "user_id"',
      ),
    ],
    postgres: [
      '? SELECT 1 FROM "tasks" LIMIT 1',
      'ALTER TABLE "tasks" ADD COLUMN "rank" bigint NOT NULL',
    ],
  },
  {
    operation: { op: 'drop_column', table: 'tasks', name: 'user_id' },
    sqlite: rebuilt(
      '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "done" INTEGER NOT NULL DEFAULT 0, "title" TEXT NOT NULL',
      '"id", "done", "title"',
    ),
    postgres: ['ALTER TABLE "tasks" DROP COLUMN "user_id"'],
  },
  {
    operation: { op: 'rename_column', table: 'tasks', from: 'title', to: 'name' },
    sqlite: [
      'DROP INDEX "tasks_title_done"',
      'ALTER TABLE "tasks" RENAME COLUMN "title" TO "name"',
      'CREATE INDEX "tasks_name_done" ON "tasks" ("name", "done")',
    ],
    postgres: [
      'ALTER TABLE "tasks" RENAME COLUMN "title" TO "name"',
      'ALTER INDEX "tasks_title_done" RENAME TO "tasks_name_done"',
    ],
  },
  {
    operation: {
      op: 'change_column',
      table: 'tasks',
      column: column('done', 'integer', { default: 7 }),
    },
    sqlite: rebuilt(
      '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "done" INTEGER NOT NULL DEFAULT 7, "title" TEXT NOT NULL, "user_id" TEXT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE',
      '"id", "done", "title", "user_id"',
      '"id", coalesce("done", 7), "title", "user_id"',
    ),
    postgres: [
      'DROP INDEX "tasks_title_done"',
      'ALTER TABLE "tasks" ALTER COLUMN "done" DROP DEFAULT',
      'ALTER TABLE "tasks" ALTER COLUMN "done" TYPE bigint USING "done"::int::bigint',
      'ALTER TABLE "tasks" ALTER COLUMN "done" SET DEFAULT 7',
      'CREATE INDEX "tasks_title_done" ON "tasks" ("title", "done")',
    ],
  },
  {
    operation: {
      op: 'create_index',
      table: 'tasks',
      index: index('u', ['title'], { unique: true, where: { done: false } }),
    },
    sqlite: [
      '? SELECT 1 FROM "tasks" WHERE "title" IS NOT NULL AND "done" = 0 GROUP BY "title" HAVING count(*) > 1 LIMIT 1',
      'CREATE UNIQUE INDEX "u" ON "tasks" ("title") WHERE "done" = 0',
    ],
    postgres: [
      '? SELECT 1 FROM "tasks" WHERE "title" IS NOT NULL AND "done" = false GROUP BY "title" HAVING count(*) > 1 LIMIT 1',
      'CREATE UNIQUE INDEX "u" ON "tasks" ("title") WHERE "done" = false',
    ],
  },
  {
    operation: { op: 'drop_index', table: 'tasks', name: 'tasks_title_done' },
    sqlite: ['DROP INDEX "tasks_title_done"'],
    postgres: ['DROP INDEX "tasks_title_done"'],
  },
  {
    operation: {
      op: 'sql',
      sqlite: ['UPDATE tasks SET done = 1'],
      postgres: ['UPDATE tasks SET done = true'],
    },
    sqlite: ['UPDATE tasks SET done = 1'],
    postgres: ['UPDATE tasks SET done = true'],
  },
]

for (const { operation, sqlite, postgres } of cases) {
  describe(operation.op, () => {
    test('on SQLite', () => expect(sqlOf('sqlite', operation)).toEqual([...sqlite]))
    test('on PostgreSQL', () => expect(sqlOf('postgres', operation)).toEqual([...postgres]))
    test('comes back from a file as it was', () =>
      expect(operationSchema.parse(JSON.parse(JSON.stringify(operation)))).toStrictEqual(operation))
    test('is undone by its opposite', () => {
      const back = invertOperation(before, operation)
      const after = applyOperation(before, operation)
      expect(back ? applyOperation(after, back) : after).toEqual(before)
    })
  })
}

const misfits: Readonly<Record<string, readonly [Operation, RegExp]>> = {
  'a table that is there': [
    { op: 'create_table', table: { name: 'users', columns: [column('id', 'uuid')], indexes: [] } },
    /There is a table "users" already/,
  ],
  'a table without id': [
    { op: 'create_table', table: { name: 'x', columns: [column('a', 'text')], indexes: [] } },
    /no column "id"/,
  ],
  'an index on a column that is not there': [
    { op: 'create_index', table: 'tasks', index: index('x', ['titel']) },
    /no column "titel"/,
  ],
  'an index with the name of a table': [
    { op: 'create_index', table: 'tasks', index: index('users', ['title']) },
    /Two tables or indexes/,
  ],
  'a column in an index': [
    { op: 'drop_column', table: 'tasks', name: 'title' },
    /Drop index "tasks_title_done" first/,
  ],
  'the id dropped': [{ op: 'drop_column', table: 'tasks', name: 'id' }, /cannot be without id/],
  'the id renamed': [
    { op: 'rename_column', table: 'tasks', from: 'id', to: 'x' },
    /keeps its name/,
  ],
  'the id changed': [
    { op: 'change_column', table: 'tasks', column: column('id', 'integer') },
    /cannot be changed/,
  ],
  'a name that is taken': [
    { op: 'rename_column', table: 'tasks', from: 'done', to: 'title' },
    /a column "title" already/,
  ],
  'kinds too far apart': [
    { op: 'change_column', table: 'tasks', column: column('done', 'date') },
    /cannot become date/,
  ],
  'a table that is not there': [{ op: 'rename_table', from: 'x', to: 'y' }, /no table "x"/],
}

describe('what does not fit is refused before any statement', () => {
  for (const [name, [operation, pattern]] of Object.entries(misfits)) {
    test(name, () => expect(() => applyOperation(before, operation)).toThrow(pattern))
  }

  test('sql without statements for the engine', () => {
    const operation: Operation = { op: 'sql', sqlite: [] }
    expect(() => sqlOf('postgres', operation)).toThrow(/no statements for postgres/)
  })
})
