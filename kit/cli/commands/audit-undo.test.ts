import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { Problem } from '#kit/core'
import { AuditEntry, type BoundRepositories, bindSystem } from '#kit/db'
import { anonymous, defineModel, f } from '#kit/model'
import { eachDialect, recordingIo, type TestApp, testApp } from '#kit/testing'
import { type CommandCall, defineTool } from '#kit/tool'
import { parseArguments } from '../parse-arguments.ts'
import { auditUndo } from './audit-undo.ts'

const Note = defineModel('note', {
  id: f.serial(),
  access: { read: 'admin', write: 'admin' },
  fields: { title: f.text({ max: 50 }) },
})

const notes = defineTool({
  name: 'notes',
  models: [Note],
  routes: [],
  migrations: '/none',
  assertSound: async (all) => {
    if ((await all(Note).count({ title: 'bad' })) > 0) throw new Problem('conflict', 'It is bad.')
  },
})

eachDialect('plinth audit undo', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([notes], { dialect })
  })
  beforeEach(async () => {
    await app.opened.database.write('clear', (unit) => unit.executeChange('DELETE FROM notes'))
  })
  afterAll(() => app.close())

  async function run(line: string) {
    const parsed = parseArguments(auditUndo, line.split(' '))
    if (!parsed.ok) throw new Error(parsed.fault)
    const io = recordingIo()
    const call: CommandCall = {
      ...parsed,
      io,
      environment: {},
      loadApp: async () => app.app,
      withApp: async (work) => work(app.opened.context),
    }
    const code = await auditUndo.run(call as CommandCall<never>)
    return { code, out: io.lines, err: io.errors }
  }

  /** Writes in one unit of work; answers its newest entry. */
  async function write(requestId: string, work: (db: BoundRepositories) => Promise<unknown>) {
    const { database, context } = app.opened
    const { nowMs } = context.clock
    await database.write('note.test', (unit) =>
      work(bindSystem(database, { executor: unit, actor: anonymous, nowMs, requestId })),
    )
    const [entry] = (await all()(AuditEntry).list({ where: { request_id: requestId } })).rows
    return entry?.id ?? ''
  }
  const all = () =>
    bindSystem(app.opened.database, {
      executor: app.opened.database.reader,
      actor: anonymous,
      nowMs: app.clock.nowMs,
    })
  const titles = async () => (await all()(Note).list({ sort: 'id' })).rows.map(({ title }) => title)
  const two = async (db: BoundRepositories) => {
    await db(Note).create({ title: 'one' })
    await db(Note).create({ title: 'two' })
  }

  test('one entry; again: says what stands in the way', async () => {
    const id = await write('a', two)
    const { out } = await run(id)
    expect(out).toEqual([
      expect.stringMatching(new RegExp(`^${id}  create  note \\d+$`)),
      'Undone: 1 write',
    ])
    expect(await titles()).toHaveLength(1)
    await expect(run(id)).rejects.toThrow(`Entry ${id}`)
  })

  test.each(['--unit', '--import'])('%s: all that was written with it', async (option) => {
    const id = await write(`unit ${option}`, two)
    expect((await run(`${option} ${id}`)).out).toHaveLength(3)
    expect(await titles()).toEqual([])
  })

  test('--dry-run: says what it would do, and does not', async () => {
    const id = await write('dry', two)
    const { out, code } = await run(`--request dry --dry-run`)
    expect([out.length, out.at(-1), code]).toEqual([
      3,
      'Would undo 2 writes; nothing was changed',
      0,
    ])
    expect(await titles()).toEqual(['one', 'two'])
    expect((await run(id)).code).toBe(0)
  })

  test('--request: one unit; several are listed, to name one', async () => {
    await write('mine', two)
    expect((await run('--request mine')).out.at(-1)).toBe('Undone: 2 writes')
    await write('mine', two)
    const { out, err, code } = await run('--request mine')
    expect([out.length, code]).toEqual([2, 1])
    expect(err.join()).toContain('--unit <entry-id>')
    expect(await titles()).toEqual(['one', 'two'])
    await run(`--unit ${out[1]?.split(' ')[0]}`)
    expect(await titles()).toEqual([])
  })

  test('never breaks what a tool says must hold', async () => {
    let id = 0
    await write('bad', async (db) => {
      id = (await db(Note).create({ title: 'bad' })).id
    })
    const entry = await write('good', (db) => db(Note).change(id, { title: 'good' }))
    await expect(run(entry)).rejects.toThrow('It is bad.')
    await expect(run(`${entry} --dry-run`)).rejects.toThrow('It is bad.')
    expect(await titles()).toEqual(['good'])
  })

  describe('refuses', () => {
    test.each([
      ['nothing to undo', '--dry-run', 'Name one thing'],
      ['two things', 'x --request y', 'Name one thing'],
      ['no entry', 'x', 'Audit entry not found'],
      ['no unit', '--unit 019b76da-a800-7000-8000-00000000dead', 'Audit entry not found'],
      ['no request', '--request none', 'No entry has the request id'],
    ])('%s', async (_, line, message) => {
      await expect(run(line)).rejects.toThrow(message)
    })
  })
})
