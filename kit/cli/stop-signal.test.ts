import { expect, test } from 'bun:test'
import { EventEmitter } from 'node:events'
import { recordingIo } from '#kit/testing'
import { stopSignal } from './stop-signal.ts'

function given() {
  const source = new EventEmitter()
  const exits: number[] = []
  let now = 0
  const io = recordingIo()
  const stopped = stopSignal(io, { source, exit: (code) => exits.push(code), nowMs: () => now })
  const sendAt = (ms: number, signal: string) => {
    now = ms
    source.emit(signal)
  }
  return { io, stopped, exits, sendAt }
}

test.each(['SIGINT', 'SIGTERM'])('%s stops', async (signal) => {
  const { io, stopped, exits, sendAt } = given()
  sendAt(5, signal)
  await stopped
  expect(exits).toEqual([])
  expect(io.errors).toHaveLength(1)
})

test('one Ctrl-C that is delivered three times does not force', () => {
  const { io, exits, sendAt } = given()
  for (const ms of [5, 6, 900]) sendAt(ms, 'SIGINT')
  expect(exits).toEqual([])
  expect(io.errors).toHaveLength(1)
})

test('a second one forces', () => {
  const { exits, sendAt } = given()
  sendAt(5, 'SIGINT')
  sendAt(1006, 'SIGINT')
  expect(exits).toEqual([130])
})
