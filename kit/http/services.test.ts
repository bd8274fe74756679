import { expect, test } from 'bun:test'
import { createIds, createLog, systemClock } from '#kit/core'
import { defineService, type Service, type ServiceContext } from './service.ts'
import { createServices } from './services.ts'

const base = {
  clock: systemClock,
  ids: createIds(systemClock),
  log: createLog('silent'),
} as Omit<ServiceContext, 'use'>

test('a service is made once an app, at its first use, from the context', () => {
  let made = 0
  const counter = defineService('counter', ({ clock }) => {
    made += 1
    return { clock }
  })
  const context = createServices(base)
  expect(made).toBe(0)
  expect(context.use(counter)).toBe(context.use(counter))
  expect(context.use(counter).clock).toBe(systemClock)
  expect(made).toBe(1)
  createServices(base).use(counter)
  expect(made).toBe(2)
})

test('a service may use another; another value may stand for it; even undefined is made once', () => {
  const inner = defineService('inner', () => 'real')
  const outer = defineService('outer', ({ use }) => `outer of ${use(inner)}`)
  expect(createServices(base).use(outer)).toBe('outer of real')
  expect(createServices(base, [[inner, 'fake']]).use(outer)).toBe('outer of fake')
  let made = 0
  const empty = defineService('empty', () => {
    made += 1
  })
  const { use } = createServices(base)
  use(empty)
  use(empty)
  expect(made).toBe(1)
})

test('a service that needs itself says so, and one that fails may be asked again', () => {
  const loop: Service<unknown> = defineService('loop', ({ use }) => use(loop))
  expect(() => createServices(base).use(loop)).toThrow('Service loop needs itself.')
  let fails = true
  const flaky = defineService('flaky', () => {
    if (fails) throw new Error('not yet')
    return 'there'
  })
  const { use } = createServices(base)
  expect(() => use(flaky)).toThrow('not yet')
  fails = false
  expect(use(flaky)).toBe('there')
})
