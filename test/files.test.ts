import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'
import { createPhotoClient, type PhotoClient, type PhotoRow, png } from './photo-client.ts'
import { photos } from './photo-tool.ts'

eachDialect('files', (dialect) => {
  let app: TestApp
  let client: PhotoClient
  beforeAll(async () => {
    app = await testApp([accounts, photos], { dialect })
    client = createPhotoClient(app)
  })
  afterAll(() => app.close())

  test('one that is brought is told in its row and sent back byte by byte', async () => {
    const row = await client.newImage()
    const { image } = row
    expect(image).toEqual({
      name: 'cup.png',
      type: 'image/png',
      size: png.length,
      url: expect.stringMatching(/^\/api\/photos\/\d+\/image\?v=[0-9a-f-]{36}$/),
    })
    const read = await app.request<PhotoRow>('user', `GET /api/photos/${row.id}`)
    expect(read.body.image).toEqual(image)
    const response = await client.send(image.url)
    expect(response.status).toBe(200)
    expect(Buffer.from(await response.arrayBuffer())).toEqual(png)
    const headers = Object.fromEntries(response.headers)
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(png.length),
      'x-content-type-options': 'nosniff',
      'content-disposition': `inline; filename="cup.png"; filename*=UTF-8''cup.png`,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
    })
  })

  test('it has an entity tag, ranges and a HEAD', async () => {
    const { image } = await client.newImage()
    const get = (headers: Record<string, string>) => client.send(image.url, { headers })
    const etag = (await client.send(image.url)).headers.get('etag') ?? ''
    const known = await get({ 'if-none-match': etag })
    expect([known.status, await known.text()]).toEqual([304, ''])
    const part = await get({ range: 'bytes=0-7' })
    expect([part.status, part.headers.get('content-range')]).toEqual([
      206,
      `bytes 0-7/${png.length}`,
    ])
    expect(Buffer.from(await part.arrayBuffer())).toEqual(png.subarray(0, 8))
    const end = await get({ range: 'bytes=-4' })
    expect(Buffer.from(await end.arrayBuffer())).toEqual(png.subarray(-4))
    const beyond = await get({ range: 'bytes=100000-' })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([
      416,
      `bytes */${png.length}`,
    ])
    expect((await get({ range: 'bytes=0-7', 'if-range': etag })).status).toBe(206)
    expect((await get({ range: 'bytes=0-7', 'if-range': '"another"' })).status).toBe(200)
    expect((await get({ range: 'bytes=0-1,4-5' })).status).toBe(200)
    const head = await client.send(image.url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(png.length)])
    expect(await head.text()).toBe('')
  })

  test('who may not read the row gets no file; who may not write it brings none', async () => {
    const { id } = await client.newImage()
    const path = `/api/photos/${id}/image`
    expect((await client.send(path, { as: 'other' })).status).toBe(404)
    expect((await client.put(path, png, { as: 'other' })).status).toBe(404)
    expect((await client.send(path, { as: 'other', method: 'DELETE' })).status).toBe(404)
    expect((await app.request(null, `GET ${path}`)).status).toBe(401)
    await app.request('user', `PATCH /api/photos/${id}`, { is_public: true })
    const before = await client.keys()
    expect((await client.send(path, { as: 'other' })).status).toBe(200)
    expect((await client.put(path, png, { as: 'other' })).status).toBe(404)
    expect(await client.keys()).toEqual(before)
    expect((await client.send(path)).status).toBe(200)
  })

  test('it goes with its row, and when another takes its place', async () => {
    const row = await client.newImage()
    const [first] = await client.filesOf(row)
    const again = await client.put(`/api/photos/${row.id}/image`, png)
    const { image } = (await again.json()) as PhotoRow
    expect(image?.url).not.toBe(row.image.url)
    expect(await client.filesOf(row)).toEqual([expect.not.stringContaining(first ?? '-')])
    expect((await client.send(`/api/photos/${row.id}/image`)).status).toBe(200)
    expect((await client.send(`/api/photos/${row.id}`, { method: 'DELETE' })).status).toBe(200)
    expect(await client.filesOf(row)).toEqual([])
    const other = await client.newImage()
    const cleared = await client.send(`/api/photos/${other.id}/image`, { method: 'DELETE' })
    expect(await cleared.json()).toMatchObject({ image: null })
    expect(await client.filesOf(other)).toEqual([])
    expect((await client.send(`/api/photos/${other.id}/image`)).status).toBe(404)
  })

  test('rows that go along with another take theirs with them', async () => {
    const { id } = await client.newPhoto()
    const { body } = await app.request<PhotoRow>('user', 'POST /api/prints', { photo_id: id })
    expect((await client.put(`/api/prints/${body.id}/scan`, png)).status).toBe(200)
    const own = `/prints/${body.id}/`
    expect((await client.keys()).some((key) => key.includes(own))).toBe(true)
    await app.request('user', `DELETE /api/photos/${id}`)
    expect((await client.keys()).some((key) => key.includes(own))).toBe(false)
  })

  test('CSV tells where it is; the document says what is sent and answered', async () => {
    const { image } = await client.newImage()
    const { text } = await app.request('user', 'GET /api/photos?format=csv')
    expect(text).toContain(image.url)
    const { body } = await app.request<Record<string, Record<string, Record<string, unknown>>>>(
      null,
      'GET /openapi.json',
    )
    const operations = body['paths']?.['/api/photos/{id}/image']
    expect(operations?.['put']).toMatchObject({
      requestBody: { content: { 'multipart/form-data': { schema: { required: ['file'] } } } },
    })
    expect(operations?.['get']).toMatchObject({
      responses: { '200': { content: { 'image/png': {}, 'application/pdf': {} } } },
    })
  })

  test('undoing brings back no file, and says so; what never had one comes back', async () => {
    const lastEntry = async (id: number) => {
      const query = `model=photo&row_id=${id}&limit=1`
      const { body } = await app.request<{ id: string }[]>('admin', `GET /api/admin/audit?${query}`)
      return body[0]?.id
    }
    const undo = async (id: number) =>
      app.request('admin', `POST /api/admin/audit/${await lastEntry(id)}/undo`)
    const row = await client.newImage()
    expect((await undo(row.id)).status).toBe(200)
    expect(await client.filesOf(row)).toEqual([])
    const other = await client.newImage()
    await app.request('user', `DELETE /api/photos/${other.id}`)
    const refused = await undo(other.id)
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('is not kept')])
    const plain = await client.newPhoto()
    await app.request('user', `DELETE /api/photos/${plain.id}`)
    expect((await undo(plain.id)).status).toBe(200)
  })
})
