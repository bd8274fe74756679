import { describe, expect, test } from 'bun:test'
import { faultOfStatement } from './statement-fault.ts'

const accepted = [
  'UPDATE tasks SET done = 1',
  'UPDATE tasks SET done = 1;  ',
  "UPDATE tasks SET title = 'a; COMMIT'",
  'UPDATE tasks SET title = "a; b" -- ; COMMIT',
  "INSERT INTO x VALUES ('it''s; ')",
  'CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DELETE FROM c; END',
  '/* ; */ WITH a AS (SELECT 1) DELETE FROM b WHERE c IN (SELECT * FROM a)',
  'DO $body$ BEGIN PERFORM 1; END $body$',
]

const refused: readonly (readonly [string, RegExp])[] = [
  ['', /Must be a statement/],
  [' -- nothing', /Must be a statement/],
  ['commit', /Must not COMMIT/],
  ['-- x\n ROLLBACK TO unit', /Must not ROLLBACK/],
  ['/* x */ Begin immediate', /Must not BEGIN/],
  ['PRAGMA foreign_keys = ON', /Must not PRAGMA/],
  ['DELETE FROM a; DELETE FROM b', /Must be one statement/],
  ["DELETE FROM a WHERE b = ';'; COMMIT", /Must be one statement/],
]

describe('a statement written by hand', () => {
  for (const text of accepted)
    test(`is taken: ${text}`, () => expect(faultOfStatement(text)).toBeUndefined())
  for (const [text, pattern] of refused)
    test(`is refused: ${text}`, () => expect(faultOfStatement(text)).toMatch(pattern))
})
