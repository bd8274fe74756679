import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'
import { createPhotoClient, type PhotoClient, type PhotoRow, png } from './photo-client.ts'
import { photos } from './photo-tool.ts'

const jpegStart = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46, 0x49, 0x46, 0])
const html = '<!doctype html><script>alert(document.domain)</script>'

eachDialect('files that are refused', (dialect) => {
  let app: TestApp
  let client: PhotoClient
  beforeAll(async () => {
    app = await testApp([accounts, photos], { dialect })
    client = createPhotoClient(app)
  })
  afterAll(() => app.close())

  test('what it is, its bytes say: not its name, nor its sender', async () => {
    const { id } = await client.newPhoto()
    const path = `/api/photos/${id}/image`
    const before = await client.keys()
    const refused: readonly [string | Uint8Array<ArrayBuffer>, string, string][] = [
      [html, 'cup.png', 'image/png'],
      ['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'cup.svg', 'image/svg+xml'],
      ['<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', 'cup.png', 'image/png'],
      [Buffer.from('GIF89a0000000000'), 'cup.png', 'image/png'],
      ['plain text', 'cup.png', 'image/png'],
    ]
    for (const [bytes, name, type] of refused) {
      const response = await client.put(path, bytes, { name, type })
      expect([name, response.status]).toEqual([name, 415])
    }
    expect((await client.put(path, '')).status).toBe(422)
    expect(await client.keys()).toEqual(before)
    const response = await client.put(path, png, {
      name: '../../<b>\u202Egnp.x.html',
      type: 'text/html',
    })
    const { image } = (await response.json()) as PhotoRow
    expect(image).toMatchObject({ name: 'bgnp.x.html.png', type: 'image/png' })
  })

  test('a picture that is a page as well is sent as a picture; what is no picture, to be saved', async () => {
    const { id } = await client.newPhoto()
    const path = `/api/photos/${id}/image`
    await client.put(path, Buffer.concat([jpegStart, Buffer.from(html)]), { name: 'page.html' })
    const picture = await client.send(path)
    expect(picture.headers.get('content-type')).toBe('image/jpeg')
    expect(picture.headers.get('x-content-type-options')).toBe('nosniff')
    expect(picture.headers.get('content-disposition')).toContain('filename="page.html.jpg"')
    await client.put(path, Buffer.from('%PDF-1.7\n'), { name: 'é "x".pdf' })
    const paper = await client.send(path)
    expect(paper.headers.get('content-disposition')).toBe(
      `attachment; filename="_ x.pdf"; filename*=UTF-8''%C3%A9%20x.pdf`,
    )
    const note = `/api/photos/${id}/note`
    expect((await client.put(note, 'a note: é\n', { name: 'n.txt' })).status).toBe(200)
    expect((await client.send(note)).headers.get('content-type')).toBe('text/plain; charset=utf-8')
    for (const bad of [Buffer.from([0x61, 0xff]), Buffer.from('a\0b'), Buffer.from([0xc3])])
      expect((await client.put(note, bad)).status).toBe(415)
  })

  test('one file, no larger than the field says, in one part', async () => {
    const { id } = await client.newPhoto()
    const path = `/api/photos/${id}/image`
    const before = await client.keys()
    const large = Buffer.concat([png, Buffer.alloc(100_000)])
    expect((await client.put(path, large)).status).toBe(413)
    expect((await client.put(path, png, { part: 'other' })).status).toBe(422)
    const two = new FormData()
    for (const name of ['file', 'file']) two.append(name, new File([png], 'cup.png'))
    expect((await client.send(path, { method: 'PUT', body: two })).status).toBe(422)
    const text = new FormData()
    text.append('file', 'text')
    expect((await client.send(path, { method: 'PUT', body: text })).status).toBe(422)
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    for (const body of ['', 'nonsense', '--x\r\n\r\n', '--x--\r\n'])
      expect([400, 422]).toContain(
        (await client.send(path, { method: 'PUT', headers, body })).status,
      )
    expect((await client.send(path, { method: 'PUT', body: png })).status).toBe(415)
    expect((await app.request('user', `PUT ${path}`, {})).status).toBe(415)
    expect(await client.keys()).toEqual(before)
  })

  test('a body of no length is refused as soon as it is too long, one that ends early at its end', async () => {
    const { id } = await client.newPhoto()
    const path = `/api/photos/${id}/image`
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const start = Buffer.concat([
      Buffer.from('--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'),
      png,
    ])
    let sent = 0
    const endless = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(sent === 0 ? start : Buffer.alloc(10_000))
        sent += 1
      },
    })
    expect((await client.send(path, { method: 'PUT', headers, body: endless })).status).toBe(413)
    expect(sent).toBeLessThan(30)
    expect((await client.send(path, { method: 'PUT', headers, body: start })).status).toBe(400)
    expect((await client.keys()).filter((key) => key.includes('.incoming'))).toEqual([])
  })

  test('a stale If-Match writes nothing and keeps nothing', async () => {
    const { id, image } = await client.newImage()
    const before = await client.keys()
    const stale = await client.put(`/api/photos/${id}/image`, png, {
      headers: { 'if-match': '"old"' },
    })
    expect(stale.status).toBe(412)
    expect(await client.keys()).toEqual(before)
    const { body } = await app.request<PhotoRow>('user', `GET /api/photos/${id}`)
    expect(body.image).toEqual(image)
  })

  test('no body sets it, and no query of another kind', async () => {
    const { id, image } = await client.newImage()
    for (const body of [{ image: null }, { image: { ...image, url: '/api/photos/1/image?v=x' } }])
      expect((await app.request('user', `PATCH /api/photos/${id}`, body)).status).toBe(422)
    expect((await app.request('user', 'POST /api/photos', { title: 'a', image })).status).toBe(422)
    expect((await app.request('user', `GET /api/photos/${id}/image?w=1`)).status).toBe(422)
  })
})
