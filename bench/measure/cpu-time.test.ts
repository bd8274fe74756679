import { expect, test } from 'bun:test'
import { Worker } from 'node:worker_threads'
import { byClock, byTicks, cpuSeconds } from './cpu-time.ts'

const isLinux = process.platform === 'linux'
const aboveAllPids = 2 ** 22 + 1

const work = `
  let sum = 0
  for (let index = 0; index < 1e7; index++) sum = (sum + index * 7) % 1000003
  require('node:worker_threads').parentPort.postMessage(sum)`

test.if(isLinux)('the time of a process holds that of threads that have ended', async () => {
  const before = cpuSeconds(process.pid) ?? Number.NaN
  const ownBefore = process.cpuUsage()
  const worker = new Worker(work, { eval: true })
  await new Promise((resolve) => worker.once('message', resolve))
  await worker.terminate()
  const { user, system } = process.cpuUsage(ownBefore)
  const used = (cpuSeconds(process.pid) ?? Number.NaN) - before
  expect(used).toBeGreaterThan(0)
  expect(Math.abs(used - (user + system) / 1e6)).toBeLessThan(0.03)
})

test.if(isLinux)('clock and ticks tell the same', () => {
  const ticks = byTicks(process.pid) ?? Number.NaN
  expect(Math.abs((byClock(process.pid) ?? ticks) - ticks)).toBeLessThan(0.1)
  expect(ticks).toBeGreaterThan(0)
})

test('of a process that is not there nothing is told', () => {
  expect(cpuSeconds(aboveAllPids)).toBeUndefined()
})
