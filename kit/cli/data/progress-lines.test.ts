import { expect, test } from 'bun:test'
import { recordingIo } from '#kit/testing'
import { createProgressLines } from './progress-lines.ts'

test('says every two seconds how far it is, and how fast', () => {
  const io = recordingIo()
  let ms = 0
  const tell = createProgressLines(io, () => ms)
  const at = (second: number, rows: number, table = 'tasks') => {
    ms = second * 1000
    tell({ phase: 'writing', table, rows, total: 4000 })
  }
  at(0, 100)
  at(1, 900)
  expect(io.errors).toEqual([])
  at(2, 1100)
  at(3, 1500)
  at(4, 3100)
  at(4.5, 4000)
  at(7, 2000, 'users')
  expect(io.errors).toEqual([
    'tasks: 1,100 of 4,000 rows written (27 %), 500 rows/s',
    'tasks: 3,100 of 4,000 rows written (77 %), 750 rows/s',
    'users: 2,000 of 4,000 rows written (50 %), 0 rows/s',
  ])
})
