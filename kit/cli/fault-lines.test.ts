import { expect, test } from 'bun:test'
import { toFaultLines } from './fault-lines.ts'

test('a fault of PostgreSQL, which has a place in its statement, is told in one line', () => {
  const fault = Object.assign(new Error('relation "x"\n does not exist'), { position: '15' })
  expect(toFaultLines(fault)).toEqual([
    expect.stringMatching(
      /^relation "x" does not exist \(kit\/cli\/fault-lines\.test\.ts:\d+:\d+\)$/,
    ),
  ])
})

test('of a module that does not parse the place is told', () => {
  const position = { file: `${process.cwd()}/app.ts`, line: 3, column: 4 }
  expect(toFaultLines({ message: 'Unexpected )', position })).toEqual(['Unexpected ) (app.ts:3:4)'])
})
