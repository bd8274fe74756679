import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { AuditEntry, bindSystem, type Unit, undo } from '#kit/db'
import { anonymous } from '#kit/model'
import { eachDialect, type TestApp } from '#kit/testing'
import { Book, ids, openLibrary, Reader } from './fixture/library.ts'

interface Refusal {
  readonly code: string
  readonly detail: string
  readonly errors: readonly { readonly path: string; readonly code: string }[]
}

const path = '/api/admin/books'
const csv = { 'content-type': 'text/csv' }

eachDialect('import of CSV', (dialect) => {
  let app: TestApp
  const system = <T>(work: (db: ReturnType<typeof bindSystem>, unit: Unit) => Promise<T>) => {
    const { database, clock } = app.opened.context
    return database.write('test', (executor) =>
      work(bindSystem(database, { executor, actor: anonymous, nowMs: clock.nowMs }), executor),
    )
  }
  const send = (file: string | Uint8Array<ArrayBuffer>, query = '') =>
    app.opened.http.fetch(
      new Request(`http://localhost${path}/import${query}`, {
        method: 'POST',
        headers: { ...csv, authorization: 'Bearer admin' },
        body: file,
      }),
    )
  const refused = async (file: string | Uint8Array<ArrayBuffer>) => {
    const response = await send(file)
    const { errors = [] } = (await response.json()) as Refusal
    return [response.status, ...errors.map(({ path: at, code }) => `${at} ${code}`)]
  }
  const books = () => system((db) => db(Book).list({ sort: 'id', limit: 100 }))

  beforeAll(async () => {
    app = await openLibrary(dialect)
    await system(async (db) => {
      for (const [name, id] of Object.entries(ids)) await db(Reader).create({ id, name })
    })
  })
  const clear = () => system(async (_, unit) => unit.executeChange('DELETE FROM books'))
  beforeEach(clear)
  afterAll(() => app.close())

  test('creates all rows in one unit of work, each recorded; a dry run none', async () => {
    const file = `title,isbn,pages,is_new,lent_to\n Emma ,1,,TRUE,${ids['ada']}\n"Moby ""Dick""",,635,,\n`
    const dry = await app.request('admin', `POST ${path}/import?dry_run=true`, file, csv)
    expect([dry.status, dry.body]).toEqual([200, { rows: 2, created: 0, dry_run: true }])
    expect((await books()).rows).toEqual([])
    const done = await app.request('admin', `POST ${path}/import`, file, csv)
    expect([done.status, done.body]).toEqual([200, { rows: 2, created: 2, dry_run: false }])
    expect((await books()).rows.map((row) => ({ ...row }))).toMatchObject([
      { title: 'Emma', isbn: '1', pages: null, is_new: true, lent_to: ids['ada'], shelf: 'A' },
      { title: 'Moby "Dick"', isbn: null, pages: 635, is_new: false, reader_id: ids['admin'] },
    ])
    const { rows } = await system((db) =>
      db(AuditEntry).list({ where: { operation: 'admin.book.import' } }),
    )
    expect(new Set(rows.map(({ chain, unit_seq }) => `${chain} ${unit_seq}`)).size).toBe(1)
    expect(rows.map(({ action, actor_id }) => [action, actor_id])).toEqual([
      ['create', ids['admin'] ?? null],
      ['create', ids['admin'] ?? null],
    ])
    // One undo takes all of it back.
    await system((db) => undo(db, { unitOf: rows[0]?.id ?? '' }))
    expect((await books()).rows).toEqual([])
  })

  test('what was exported comes back as it was', async () => {
    const titles = ['=1+1', "'=x", '+', '@a', '-1', ' "q", ', 'a\r\nb', 'é😀']
    await system(async (db) => {
      for (const [at, title] of titles.entries())
        await db(Book).create({
          reader_id: ids['ada'] ?? '',
          title,
          isbn: at === 0 ? '' : null,
          tags: ['-1', { a: null }, '=x'],
          pages: at + 1,
        })
    })
    const before = (await books()).rows
    const exported = await app.opened.http.fetch(
      new Request(`http://localhost${path}?format=csv`, {
        headers: { authorization: 'Bearer admin' },
      }),
    )
    const file = new Uint8Array(await exported.arrayBuffer())
    await clear()
    expect((await send(file)).status).toBe(200)
    const values = ({ title, isbn, tags, pages, reader_id }: (typeof before)[number]) =>
      JSON.stringify([title, isbn, tags, pages, reader_id])
    expect((await books()).rows.map(values).sort()).toEqual(before.map(values).sort())
  })

  test('what the database would refuse is told with its lines', async () => {
    await system((db) => db(Book).create({ reader_id: ids['ada'] ?? '', title: 'x', isbn: 'AB' }))
    const nobody = '019b0000-0000-7000-8000-0000000000ff'
    expect(await refused('title,isbn\na,1\nb,ab\nc,1\n')).toEqual([
      409,
      'line.4.isbn taken',
      'line.3.isbn taken',
    ])
    expect(await refused('title,shelf,place\na,B,1\nb,B,2\nc,B,1\n')).toEqual([
      409,
      'line.4.shelf+place taken',
    ])
    expect(await refused(`title,lent_to,isbn\na,${nobody},ab\n`)).toEqual([
      422,
      'line.2.isbn taken',
      'line.2.lent_to reference',
    ])
    expect((await books()).rows).toHaveLength(1)
  })

  test('bad files are refused with all their faults, and leave nothing', async () => {
    expect(await refused('title,pages\na,1\n,x\nb\n')).toEqual([
      422,
      'line.3.pages type',
      'line.3.title required',
      'line.4 columns',
    ])
    expect(await refused('name,title\na,b\n')).toEqual([422, 'line.1.name unknown'])
    expect(await refused('title\n"a\nb\n')).toEqual([422, 'line.2 csv'])
    expect(await refused('')).toEqual([422, 'line.1 required'])
    expect(await refused(Uint8Array.from(Buffer.from('title\ncafé\n', 'latin1')))).toEqual([
      422,
      'line.2 encoding',
    ])
    expect(await refused(`title\n${'a\n'.repeat(5001)}`)).toEqual([422, 'line.5002 too_big'])
    expect((await books()).rows).toEqual([])
  })

  test('another kind of body, too large a body, another’s hands', async () => {
    const status = async (...given: Parameters<TestApp['request']>) =>
      (await app.request(...given)).status
    const line = `POST ${path}/import`
    expect(await status('ada', line, 'title\na\n', csv)).toBe(403)
    expect(await status(null, line, 'title\na\n', csv)).toBe(401)
    expect(await status('admin', line, 'title\na\n')).toBe(415)
    const latin = { 'content-type': 'text/csv; charset=iso-8859-1' }
    expect(await status('admin', line, 'title\na\n', latin)).toBe(415)
    expect(await status('admin', line, 'title\na\n', { ...csv, 'content-encoding': 'gzip' })).toBe(
      415,
    )
    expect(await status('admin', `${line}?dry_run=yes`, 'title\na\n', csv)).toBe(422)
    // That is the path of a row, and its id cannot be posted to.
    expect(await status('admin', 'POST /api/admin/readers/import', 'name\na\n', csv)).toBe(405)
    const long = { ...csv, 'content-length': String(2 ** 31) }
    expect(await status('admin', line, 'title\na\n', long)).toBe(413)

    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1
        controller.enqueue(new Uint8Array(1024 * 1024).fill(97))
      },
    })
    const response = await app.opened.http.fetch(
      new Request(`http://localhost${path}/import`, {
        method: 'POST',
        headers: { ...csv, authorization: 'Bearer admin' },
        body: endless,
      }),
    )
    expect(response.status).toBe(413)
    expect(pulled).toBeLessThan(20)
  })

  test('the same key imports once', async () => {
    const keyed = { ...csv, 'idempotency-key': 'once' }
    for (let time = 0; time < 2; time += 1) {
      const { status } = await app.request('admin', `POST ${path}/import`, 'title\na\n', keyed)
      expect(status).toBe(200)
    }
    expect((await books()).rows).toHaveLength(1)
  })
})
