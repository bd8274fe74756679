import { describe, expect, test } from 'bun:test'
import { createLog } from './log.ts'

function logInto(level: string) {
  const lines: Record<string, unknown>[] = []
  const log = createLog(level, { write: (line) => void lines.push(JSON.parse(line)) })
  return { log, lines }
}

describe('createLog', () => {
  test('writes a line of JSON', () => {
    const { log, lines } = logInto('info')
    log.info({ port: 5000 }, 'ready')
    expect(lines).toEqual([{ level: 30, time: expect.any(String), port: 5000, msg: 'ready' }])
    expect(String(lines[0]?.['time'])).toMatch(/^\d{4}-.*Z$/)
  })

  test('writes an error with its stack', () => {
    const { log, lines } = logInto('info')
    log.error({ err: new Error('no milk') }, 'failed')
    expect(lines[0]).toMatchObject({ msg: 'failed', err: { message: 'no milk' } })
  })

  test('keeps secrets to itself', () => {
    const { log, lines } = logInto('info')
    log.info({ password: 'a', body: { pin: 'b', refresh_token: 'c', name: 'ada' } })
    expect(lines[0]).toMatchObject({
      password: '[secret]',
      body: { pin: '[secret]', refresh_token: '[secret]', name: 'ada' },
    })
  })

  test.each([
    ['trace', ['trace', 'debug', 'info', 'warn', 'error', 'fatal']],
    ['info', ['info', 'warn', 'error', 'fatal']],
    ['fatal', ['fatal']],
    ['silent', []],
  ])('at level %s it writes %p', (level, expected) => {
    const { log, lines } = logInto(level)
    const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
    for (const name of levels) log[name](name)
    expect(lines.map(({ msg }) => String(msg))).toEqual(expected)
    expect(levels.filter((name) => log.isLevelEnabled(name)).map(String)).toEqual(expected)
  })

  test('a child adds its values, and a child of it too', () => {
    const { log, lines } = logInto('warn')
    const child = log.child({ request_id: 'r1' })
    child.info('no')
    child.child({ unit: 'u' }).warn({ token: 'x' }, 'yes')
    expect(lines).toEqual([
      expect.objectContaining({ request_id: 'r1', unit: 'u', token: '[secret]', msg: 'yes' }),
    ])
  })
})
