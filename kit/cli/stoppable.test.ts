import { expect, test } from 'bun:test'
import { EventEmitter } from 'node:events'
import { recordingIo } from '#kit/testing'
import { stoppable, whenStopped } from './stoppable.ts'

function given() {
  const source = new EventEmitter()
  const exits: number[] = []
  let now = 0
  const io = recordingIo()
  const process = {
    on: (signal: string, action: () => void) => void source.on(signal, action),
    off: (signal: string, action: () => void) => void source.off(signal, action),
    exit: (code: number) => void exits.push(code),
    nowMs: () => now,
  }
  const done = Promise.withResolvers<string>()
  let told: Promise<void> = Promise.resolve()
  const running = stoppable({ ...io, process }, 'Stopping.', (stop) => {
    told = whenStopped(stop)
    return done.promise
  })
  const sendAt = (ms: number, signal: string) => {
    now = ms
    source.emit(signal)
  }
  return { io, source, told, done, running, exits, sendAt }
}

test.each(['SIGINT', 'SIGTERM'])('%s stops, and then nobody listens any more', async (signal) => {
  const { io, source, told, done, running, exits, sendAt } = given()
  sendAt(5, signal)
  await told
  done.resolve('done')
  expect(await running).toBe('done')
  expect([exits, io.errors]).toEqual([[], ['Stopping.']])
  expect(source.eventNames()).toEqual([])
})

test('work that fails leaves nobody listening', async () => {
  const { source, done, running } = given()
  expect(source.eventNames()).toEqual(['SIGINT', 'SIGTERM'])
  done.reject(new TypeError('broken'))
  await expect(running).rejects.toThrow('broken')
  expect(source.eventNames()).toEqual([])
})

test('one Ctrl-C that is delivered three times does not force', () => {
  const { io, exits, sendAt } = given()
  for (const ms of [5, 6, 900]) sendAt(ms, 'SIGINT')
  expect([exits, io.errors]).toEqual([[], ['Stopping.']])
})

test('a second one forces', () => {
  const { exits, sendAt } = given()
  sendAt(5, 'SIGINT')
  sendAt(1006, 'SIGINT')
  expect(exits).toEqual([130])
})
