import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { type Exchange, toExchange } from '../exchange.ts'
import { createDocsPages } from './docs-pages.ts'

const pages = createDocsPages('<notes> & "more"', () => ({ openapi: '3.1.0' }))

async function get(path: string, headers: Record<string, string> = {}) {
  const page = pages.find((one) => one.path === path)
  if (!page) throw new Error(`No page at ${path}`)
  const request = new Request(`http://localhost${path}`, { headers })
  const exchange: Exchange = toExchange(request, { uuid: () => 'id' }, undefined)
  return page.answer(exchange)
}

test('the page loads own files alone and its name is text', async () => {
  const { body, headers } = await get('/docs')
  const html = String(body)
  expect(html).toContain('&#60;notes&#62; &#38; &#34;more&#34;')
  expect([...html.matchAll(/src="([^"]+)"/g)].map(([, src]) => src)).toEqual([
    '/docs/scalar.js',
    '/docs/start.js',
  ])
  expect(html).not.toMatch(/https?:/)
  expect(headers?.['content-security-policy']).not.toMatch(/https?:|unsafe-eval|\*/)
})

test('whatever would ask another server is off', async () => {
  const { body } = await get('/docs/start.js')
  const settings = JSON.parse(/createApiReference\('#docs', (.+)\)/.exec(String(body))?.[1] ?? '')
  expect(settings).toMatchObject({
    url: '/openapi.json',
    proxyUrl: '',
    telemetry: false,
    withDefaultFonts: false,
  })
  expect(String(body)).not.toMatch(/https?:/)
})

test('the script is what the README says it is, compressed or not', async () => {
  const packed = await get('/docs/scalar.js', { 'accept-encoding': 'br, gzip' })
  const plain = await get('/docs/scalar.js')
  expect(packed.headers?.['content-encoding']).toBe('gzip')
  expect(plain.headers?.['content-encoding']).toBeUndefined()
  expect(packed.headers?.['vary']).toContain('Accept-Encoding')
  const readme = await Bun.file(join(import.meta.dir, 'README.md')).text()
  for (const { body } of [packed, plain]) {
    const bytes = await new Response(body).bytes()
    const digest = new Bun.CryptoHasher('sha256').update(bytes).digest('hex')
    expect(readme).toContain(digest)
  }
})

test('the document is made once', async () => {
  let made = 0
  const [page] = createDocsPages('x', () => {
    made += 1
    return {}
  })
  const request = new Request('http://localhost/openapi.json')
  const exchange = toExchange(request, { uuid: () => 'id' }, undefined)
  expect(await page?.answer(exchange)).toMatchObject({ status: 200, body: '{}' })
  await page?.answer(exchange)
  expect(made).toBe(1)
})
