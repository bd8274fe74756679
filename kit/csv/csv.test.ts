import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Problem } from '#kit/core'
import { type AnyModel, toRowSchema } from '#kit/model'
import { Card } from './fixture/card.ts'
import {
  byteOrderMark,
  type CsvRow,
  columnsOf,
  FaultList,
  readRecords,
  readRows,
  toCell,
  toHeaderLine,
  toLine,
  toZonedText,
} from './index.ts'

const ownerId = '0190a000-0000-7000-8000-000000000001'

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function* cut(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(file: string | Uint8Array, { model = Card as AnyModel, size = 7 } = {}) {
  const faults = new FaultList()
  const rows: { line: number; input: CsvRow }[] = []
  const chunks = cut(typeof file === 'string' ? bytesOf(file) : file, size)
  for await (const some of readRows(chunks, { model, ownerId, faults })) rows.push(...some)
  try {
    faults.assertNone()
  } catch (error) {
    return { rows, error: error as Problem, faults: toTexts(error as Problem) }
  }
  return { rows, error: undefined, faults: [] }
}

function toTexts({ errors = [] }: Problem): string[] {
  return errors.map(({ path, code }) => `${path} ${code}`)
}

const anyText = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'))
const spicy = fc
  .array(
    fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '\t',
      '\r',
      '\n',
      '\r\n',
      "'",
      '"',
      ',',
      ' ',
      'é',
      '😀',
      'a',
      ';',
    ),
  )
  .map((parts) => parts.join(''))
const text = fc.oneof(anyText, spicy)
const filled = text.filter((value) => value !== '')

describe('written and read again', () => {
  test('any text survives in any cell, however the bytes come in pieces', async () => {
    const table = fc.integer({ min: 2, max: 4 }).chain((width) =>
      fc.array(fc.array(fc.option(text), { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 5,
      }),
    )
    const property = fc.asyncProperty(
      table,
      fc.integer({ min: 1, max: 40 }),
      async (rows, size) => {
        const unguarded = (cell: string | null) =>
          cell !== null && /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell
        const file = rows.map((row) => `${row.map(toCell).join(',')}\r\n`).join('')
        const faults = new FaultList()
        const found: (string | null)[][] = []
        for await (const records of readRecords(cut(bytesOf(byteOrderMark + file), size), faults))
          for (const { cells } of records) found.push(cells.map(unguarded))
        expect(faults.count).toBe(0)
        expect(found).toEqual(rows)
      },
    )
    await fc.assert(property, { numRuns: 300 })
  })

  test('rows of a model come back as they were', async () => {
    const row = fc.record({
      title: filled,
      note: text,
      remark: fc.option(text),
      colour: fc.constantFrom('red', '=blue'),
      amount: fc.option(fc.integer({ min: -1000, max: 1000 })),
      weight: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      done: fc.boolean(),
      day: fc.option(fc.constant('2026-03-08')),
      at: fc.option(fc.constant('2026-03-08T10:00:00.000Z')),
      data: fc.option(
        fc
          .json({ maxDepth: 3 })
          // As JSON has it: there is no -0.
          .map((json) => JSON.parse(JSON.stringify(JSON.parse(json))))
          .filter((value) => value !== null && isStorableJson(value)),
      ),
    })
    const property = fc.asyncProperty(fc.array(row, { maxLength: 4 }), async (rows) => {
      const columns = columnsOf(Card)
      const file = rows.map((values) =>
        toLine(columns, { ...values, id: ownerId, holder_id: ownerId, shout: `${values.title}!` }),
      )
      const found = await read(byteOrderMark + toHeaderLine(columns) + file.join(''))
      expect(found.faults).toEqual([])
      expect(found.rows.map(({ input }) => input)).toEqual(
        rows.map((values) => ({ ...values, secret: null, holder_id: ownerId })),
      )
    })
    await fc.assert(property, { numRuns: 200 })
  })

  test('the columns are those of an answer', () => {
    const shown = toRowSchema(Card).safeParse({ title: 'x' })
    expect(shown.success).toBe(false)
    expect(columnsOf(Card).map(({ name }) => name)).toEqual([
      ...['id', 'holder_id', 'title', 'note', 'remark', 'colour', 'amount', 'weight', 'done'],
      ...['day', 'at', 'data', 'created_at', 'updated_at', 'shout'],
    ])
  })

  test('what a spreadsheet would run is text; numbers stay numbers', () => {
    const cells = [
      '=1+1',
      '+1',
      '-1',
      '@x',
      '\tx',
      '\rx',
      "'=x",
      '=a,"b"',
      "'x",
      -1,
      null,
      '',
      true,
    ]
    expect(cells.map(toCell)).toEqual([
      ...["'=1+1", "'+1", "'-1", "'@x", "'\tx", '"\'\rx"', "''=x", '"\'=a,""b"""', "'x"],
      ...['-1', '', '""', 'true'],
    ])
  })
})

function isStorableJson(value: unknown): boolean {
  const json = JSON.stringify(value)
  return json.isWellFormed() && !/\\u0000|\\ud[89a-f]/i.test(json)
}

test('random bytes are refused with a Problem, or read; nothing else is thrown', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    spicy.map((body) => bytesOf(`title,note\n${body}`)),
    spicy.map(bytesOf),
  )
  const property = fc.asyncProperty(bytes, fc.integer({ min: 1, max: 50 }), async (file, size) => {
    const { error } = await read(file, { size })
    if (error) expect(error).toBeInstanceOf(Problem)
  })
  await fc.assert(property, { numRuns: 500 })
})

describe('faults say line and column', () => {
  const cases: Readonly<Record<string, readonly [file: string | Uint8Array, ...faults: string[]]>> =
    {
      'an empty file': ['', 'line.1 required'],
      'an unknown, a repeated, a missing column': [
        'title,titel,title\nx,y,z\n',
        ...['line.1.titel unknown', 'line.1.title repeated', 'line.1.note required'],
      ],
      semicolons: [
        'title;note\nx;y\n',
        'line.1.title;note unknown',
        'line.1.title required',
        'line.1.note required',
      ],
      'values of the wrong kind, all of them': [
        'title,note,amount,done,day,data,colour\nx,y,1.5,yes,2026-02-30,{,green\n,y,9999,true,,"[1]",red\n',
        ...['line.2.amount type', 'line.2.done type', 'line.2.day type', 'line.2.data type'],
        ...['line.2.colour choice', 'line.3.title required', 'line.3.amount too_big'],
      ],
      'lines too short and too long, after a value of several lines': [
        'title,note\r\n"a\r\nb",c\r\n\r\nd\r\ne,f,g\r\n',
        ...['line.5 columns', 'line.6 columns'],
      ],
      'a quote that is never closed': ['title,note\na,b\n"c,d\ne,f\n', 'line.3 csv'],
      'text after a closing quote': ['title,note\na,b\n"c"d,e\n', 'line.3 csv'],
      'a quote within a value': ['title,note\na"b,c\n,e\n', 'line.2 csv', 'line.3.title required'],
      'a NUL': ['title,note\na,b\nc\0,d\n', 'line.3 nul'],
      'Latin-1': [Buffer.from('title,note\na,b\ncafé,d\n', 'latin1'), 'line.3 encoding'],
      'UTF-16': [Buffer.from('\ufefftitle,note\na,b\n', 'utf16le'), 'line.1 encoding'],
      'UTF-16 without its mark': [Buffer.from('title,note\na,b\n', 'utf16le'), 'line.1 nul'],
      'half a character at the end': [
        Buffer.from([...bytesOf('title,note\na,b'), 0xc3]),
        'line.2 encoding',
      ],
      'a picture': [
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]),
        'line.1 encoding',
      ],
      'a value too long for its field': [
        `title,note\n${'x'.repeat(41)},y\n`,
        'line.2.title invalid',
      ],
      'a value too long for any': [`title,note\n${'x'.repeat(1024 * 1024 + 1)},y\n`, 'line.2 csv'],
      'JSON that is too deep': [
        `title,note,data\na,b,${'['.repeat(100_000)}\n`,
        'line.2.data type',
      ],
    }
  for (const [name, [file, ...faults]] of Object.entries(cases))
    test(name, async () => {
      expect((await read(file)).faults).toEqual(faults)
      expect((await read(file, { size: 1024 })).faults).toEqual(faults)
    })

  test('at most a hundred, with a count of the others', async () => {
    const { error, faults } = await read(`title,note\n${'a\n'.repeat(250)}`)
    expect(faults).toHaveLength(101)
    expect(error?.errors?.at(-1)?.message).toBe('And 150 more faults after these.')
    expect(error?.detail).toStartWith('250 faults in the file; nothing was imported. line.2: ')
  })
})

test('what spreadsheets write is read: TRUE, blank cells, blanks around titles, lines of any kind', async () => {
  const { rows, faults } = await read(
    'title , note,done,amount,remark,weight\na,,TRUE,,,\rb,"",False,"",x,2\n\n',
  )
  expect(faults).toEqual([])
  expect(
    rows.map(({ line, input }) => [
      line,
      input['note'],
      input['done'],
      input['amount'],
      input['remark'],
      input['weight'],
    ]),
  ).toEqual([
    [2, '', true, null, null, 1],
    [3, '', false, null, 'x', 2],
  ])
})

test('a row is the importer’s where the file does not say whose', async () => {
  const other = '0190a000-0000-7000-8000-000000000002'
  const { rows } = await read(`title,note,holder_id\na,b,\nc,d,${other}\n`)
  expect(rows.map(({ input }) => input['holder_id'])).toEqual([ownerId, other])
})

test('an instant reads as the clock on the wall, with its offset', () => {
  const zone = 'America/Los_Angeles'
  expect(toZonedText(Date.parse('2026-11-01T08:30:00.123Z'), zone)).toBe(
    '2026-11-01T01:30:00-07:00',
  )
  expect(toZonedText(Date.parse('2026-11-01T09:30:00Z'), zone)).toBe('2026-11-01T01:30:00-08:00')
  expect(toZonedText(Date.parse('2026-01-01T00:00:00Z'), 'UTC')).toBe('2026-01-01T00:00:00+00:00')
  expect(toZonedText(Date.parse('2026-01-01T00:00:00Z'), 'Asia/Kolkata')).toBe(
    '2026-01-01T05:30:00+05:30',
  )
})
