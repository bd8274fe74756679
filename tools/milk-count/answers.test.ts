import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { eachDialect } from '#kit/testing'
import { api, figure, openShop, type Session, type Shop } from './fixture/shop.ts'

eachDialect('the milk summary as CSV and on paper', (dialect) => {
  let shop: Shop
  let session: Session
  const path = () => `GET ${api}/sessions/${session.id}/summary`

  beforeAll(async () => {
    shop = await openShop(dialect, { milks: 'table' })
    session = (await shop.start('staff-ana')).body.session
    await shop.save('staff-ana', session.id, 'night-foh', figure(3))
    await shop.save('staff-ana', session.id, 'night-boh', figure(4))
  })
  afterAll(() => shop.close())

  const csv = async () => (await shop.app.request('staff', `${path()}?format=csv`)).text
  const page = async () => (await shop.app.request('staff', `${path()}?format=html`)).text

  test('before the morning: what is not known is empty', async () => {
    expect((await csv()).split('\r\n')[1]).toBe('Whole,dairy,9,16,,,,,,48,')
    expect(await page()).toContain(
      '<tr><th>Whole</th><td>9</td><td>16</td><td>–</td><td>–</td><td>–</td><td>48</td><td>–</td></tr>',
    )
    expect(await page()).toContain('<th>Morning</th><td>not saved</td><td></td>')
  })

  test('CSV: the keys less the id, a total at the end', async () => {
    shop.at('2026-01-13T05:30-08:00')
    await shop.save('staff-ben', session.id, 'morning', figure(5))
    await shop.save('staff-ben', session.id, 'on-order', figure(6))
    const answer = await shop.app.request('staff', path(), undefined, { accept: 'text/csv' })
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('content-disposition')).toBe(
      'attachment; filename="milk-summary-2026-01-13.csv"',
    )
    expect(answer.text.split('\r\n')).toEqual([
      'milk_type,category,foh,boh,method,current_boh,delivered,on_order,total,par,order',
      'Whole,dairy,9,16,boh_count,28,12,4,37,48,7',
      'Reduced Fat 2%,dairy,7,31,boh_count,26,0,0,33,60,27',
      'Oat,non_dairy,8,15,direct_delivered,,6,0,29,24,0',
      'Almond,non_dairy,3,0,boh_count,5,5,3,8,12,1',
      'Soy,non_dairy,0,7,direct_delivered,,0,11,7,18,0',
      'Total,,27,69,,,23,18,114,162,35',
      '',
    ])
  })

  test('paper: the date, who and when, two groups, totals, a line to sign; no script', async () => {
    const { status, headers, text } = await shop.app.request('staff', path(), undefined, {
      accept: 'text/html',
    })
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(text) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`)
    expect(style).toContain('@page')
    expect(text).not.toMatch(/<script| style="| on\w+="|src=|href=/i)
    const seen = text.replaceAll(/<style>[\s\S]*<\/style>/g, '').replaceAll(/<[^>]+>/g, '|')
    for (const words of [
      'Night, front||staff-ana||12 Jan 2026, 21:00',
      'Night, back||staff-ana||12 Jan 2026, 21:00',
      'Morning||staff-ben||13 Jan 2026, 05:30',
      'On order||staff-ben||13 Jan 2026, 05:30',
      'Milk||FOH||BOH||Delivered||On order||Total||Par||Order',
      'Whole||9||16||12||4||37||48||7',
      'Soy||0||7||0||11||7||18||0',
      'Total||27||69||23||18||114||162||35',
      'Signed',
    ])
      expect(seen).toContain(words)
    expect(seen).toMatch(/Monday,? 12 January 2026/)
    expect(seen.indexOf('|Dairy|')).toBeLessThan(seen.indexOf('|Non-dairy|'))
    expect(seen.indexOf('|Non-dairy|')).toBeLessThan(seen.indexOf('|Oat|'))
  })

  test('names are text: of milks in CSV and on paper, of people', async () => {
    shop.at('2026-01-13T21:00-08:00')
    const name = '=<img src=x onerror=alert(1)> & "Co"'
    await shop.send('admin', `PUT ${api}/admin/milk-types/${await shop.milk('Oat')}`, { name })
    const { id } = await shop.app.as('staff-ana')
    await shop.app.request('staff-ana', 'PATCH /api/users/me', { name: '<script>Ana</script>' })
    session = (await shop.start('staff-ana')).body.session
    await shop.save('staff-ana', session.id, 'night-foh', 1)
    expect(await csv()).toContain(`"'=<img src=x onerror=alert(1)> & ""Co""",non_dairy,1`)
    const text = await page()
    expect(text).toContain('=&#60;img src=x onerror=alert(1)&#62; &#38; &#34;Co&#34;')
    expect(text).toContain('<td>&#60;script&#62;Ana&#60;/script&#62;</td>')
    expect(text).not.toMatch(/<img|<script/)
    expect(text).not.toContain(id)
  })
})
