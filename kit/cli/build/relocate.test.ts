import { expect, test } from 'bun:test'
import { relocate } from './relocate.ts'

function relocated(code: string) {
  return relocate(code, '/app/tools/x/index.ts', (path) => path.replace('/app/', ''))
}

test.each([
  ["join(import.meta.dir, 'migrations')", `join((plinthDist + "/tools/x"), 'migrations')`],
  ['import.meta.dirname', '(plinthDist + "/tools/x")'],
  ['import.meta.path', '(plinthDist + "/tools/x/index.ts")'],
  ['import.meta.url', 'Bun.pathToFileURL((plinthDist + "/tools/x/index.ts")).href'],
  ['import.meta.main', 'import.meta.main'],
])('%s', (code, expected) => {
  expect(relocated(code)).toEqual({ text: expected, assets: [] })
})

test('files that a source names go along', () => {
  expect(relocated("new URL('./page.gz', import.meta.url)").assets).toEqual([
    '/app/tools/x/page.gz',
  ])
  expect(relocated("import list from './list.txt' with { type: 'file' }")).toEqual({
    text: 'const list = (plinthDist + "/tools/x/list.txt")',
    assets: ['/app/tools/x/list.txt'],
  })
})
