import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { eachDialect, fakeClock } from '#kit/testing'
import { csvOf } from '../csv/csv-of.ts'
import { defineRoute } from '../define-route.ts'
import { Place } from '../fixture/note-tools.ts'
import { models, openHttp } from '../fixture/open-http.ts'
import { pageOf } from '../results.ts'
import { html } from './html.ts'
import { printOf } from './print-of.ts'

test('what is put into HTML is escaped, what was made of it is not', () => {
  const name = `<b>"Tom" & 'Jerry'</b>`
  const escaped = '&#60;b&#62;&#34;Tom&#34; &#38; &#39;Jerry&#39;&#60;/b&#62;'
  expect(String(html`<td title="${name}">${name}</td>`)).toBe(
    `<td title="${escaped}">${escaped}</td>`,
  )
  expect(String(html`<tr>${[html`<td>${1}</td>`, html`<td>${null}${undefined}</td>`]}</tr>`)).toBe(
    '<tr><td>1</td><td></td></tr>',
  )
  const forged = { toString: () => '<script>' }
  expect(String(html`${forged}${[['<i>']]}`)).toBe('&#60;script&#62;&#60;i&#62;')
})

const lines = z.object({ lines: z.array(z.object({ milk: z.string() })) })
const style = 'td { padding: 2mm }'
const printed = printOf(
  csvOf(lines, {
    name: 'lines',
    columns: ['milk'],
    rows: (shown: z.output<typeof lines>) => shown.lines,
  }),
  (shown: z.output<typeof lines>, { timeZone }) => ({
    title: `Lines </title> in ${timeZone}`,
    style,
    body: html`<table>${shown.lines.map(({ milk }) => html`<tr><td>${milk}</td></tr>`)}</table>`,
  }),
)
const routes = [
  defineRoute({
    name: 'lines.get',
    summary: 'Lines to print',
    access: 'user',
    method: 'GET',
    path: '/api/lines',
    result: printed,
    handle: () => ({ lines: [{ milk: '<script>alert(1)</script>', secret: 'inner' }] }),
  }),
  defineRoute({
    name: 'lines.broken',
    summary: 'A style that is none',
    access: 'anyone',
    method: 'GET',
    path: '/api/broken',
    result: printOf(lines, () => ({ title: '', style: '</style><b>', body: html`` })),
    handle: () => ({ lines: [] }),
  }),
  defineRoute({
    name: 'lines.places',
    summary: 'A list that is no page',
    access: 'anyone',
    method: 'GET',
    path: '/api/others',
    result: pageOf(Place),
    handle: ({ db }) => db(Place).list(),
  }),
]

eachDialect('pages to print', (dialect) => {
  const open = async () => {
    const clock = fakeClock()
    const database = await dialect.open(models, { nowMs: clock.nowMs })
    return openHttp(database, { clock, tools: [{ name: 'lines', invalid: 400, routes }] })
  }

  test('an answer as a page: escaped, without script, with its own style alone', async () => {
    const { send } = await open()
    const { status, headers, text } = await send('GET /api/lines?format=html', { as: 'ada' })
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('vary')).toBe('Origin, Accept')
    expect(text).toStartWith('<!doctype html>')
    expect(text).toContain(`<style>${style}</style>`)
    expect(text).toContain('<title>Lines &#60;/title&#62; in UTC</title>')
    expect(text).toContain('<td>&#60;script&#62;alert(1)&#60;/script&#62;</td>')
    expect(text).not.toContain('<script')
    expect(text).not.toContain('inner')
  })

  test('format wins over Accept, which a browser sends', async () => {
    const { send } = await open()
    const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
    for (const [query, accept, type] of [
      ['', '*/*', 'application/json'],
      ['', browser, 'text/html; charset=utf-8'],
      ['', 'text/csv, text/html;q=0.9', 'text/csv; charset=utf-8'],
      ['?format=json', browser, 'application/json'],
      ['?format=csv', browser, 'text/csv; charset=utf-8'],
      ['?format=html', 'text/csv', 'text/html; charset=utf-8'],
    ] as const) {
      const { headers } = await send(`GET /api/lines${query}`, { as: 'ada', headers: { accept } })
      expect([query, accept, headers.get('content-type')]).toEqual([query, accept, type])
    }
    const list = await send('GET /api/others', { headers: { accept: browser } })
    expect(list.headers.get('content-type')).toBe('application/json')
    expect((await send('GET /api/others?format=html')).status).toBe(400)
    expect((await send('GET /api/lines?format=pdf', { as: 'ada' })).status).toBe(400)
  })

  test('HEAD, strangers, faults', async () => {
    const { send } = await open()
    const head = await send('HEAD /api/lines?format=html', { as: 'ada' })
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([
      200,
      '',
      'text/html; charset=utf-8',
    ])
    const nobody = await send('GET /api/lines?format=html')
    expect([nobody.status, nobody.headers.get('content-type')]).toEqual([
      401,
      'application/problem+json',
    ])
    expect((await send('GET /api/broken?format=html')).status).toBe(500)
  })
})
