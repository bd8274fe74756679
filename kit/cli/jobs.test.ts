import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { createLog } from '#kit/core'
import { openDatabase } from '#kit/db'
import { eachDialect, recordingIo } from '#kit/testing'
import { runCli } from './run-cli.ts'

const root = join(import.meta.dir, '../..')

eachDialect('plinth jobs', (dialect) => {
  test('lists, runs by hand, and the doctor tells of those that failed', async () => {
    const { config } = await dialect.create()
    const url = 'file' in config ? `sqlite:///${config.file}` : config.url
    const environment = { DATABASE_URL: url, PLINTH_ENV: 'test', AUDIT_RETENTION: '30d' }
    const run = async (line: string) => {
      const io = recordingIo()
      const code = await runCli(line.split(' '), { io, environment, folder: root })
      return { code, out: io.lines.join('\n'), err: io.errors.join('\n') }
    }
    expect((await run('migrate up')).code).toBe(0)
    expect((await run('jobs list')).out).toMatch(
      /^session\.expire +every 1h +last never +next at the next start$/m,
    )
    expect(await run('jobs run audit.prune')).toEqual({
      code: 0,
      out: 'audit.prune: done',
      err: '',
    })
    expect((await run('jobs list')).out).toMatch(
      /^audit\.prune +every 1d +last 2\S+ +next 2\S+ +ok$/m,
    )
    expect((await run('doctor')).out).toMatch(/^ok +jobs +\d jobs, last run 2\S+, next 2\S+$/m)
    expect(await run('jobs run nothing')).toMatchObject({
      code: 1,
      err: 'plinth: There is no job "nothing" with these settings.',
    })

    const database = await openDatabase(config, { log: createLog('silent') })
    const fail = "UPDATE plinth_jobs SET failures = 3, last_error = 'no milk'"
    await database.write('test', (unit) => unit.executeChange(fail))
    await database.close()
    expect((await run('jobs list')).out).toContain('failed 3×: no milk')
    const { code, out } = await run('doctor')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^warn +jobs +audit\.prune failed 3 times, .*: no milk → .*plinth jobs run audit\.prune$/m,
    )
  }, 20_000)
})
