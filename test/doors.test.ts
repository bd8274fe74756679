import { expect, test } from 'bun:test'
import { sourceFiles } from './source-files.ts'

const exportList = /^export (type )?\{([^}]*)\}/gm
const declaration =
  /^export (?:declare )?(const|function|async function|class|interface|type) (\w+)/gm

/** The names a door exports, types marked as such, in alphabetical order. */
function exportsOf(code: string): string[] {
  const listed = [...code.matchAll(exportList)].flatMap(([, allTypes, names = '']) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) =>
        toEntry(name.replace(/^type /, ''), Boolean(allTypes) || name.startsWith('type ')),
      ),
  )
  const declared = [...code.matchAll(declaration)].map(([, kind, name = '']) =>
    toEntry(name, kind === 'interface' || kind === 'type'),
  )
  return [...listed, ...declared].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
}

function toEntry(name: string, isType: boolean): string {
  return isType ? `${name} (type)` : name
}

const doors = sourceFiles('{kit,tools}/*/index.ts')

test('names are read from a door', () => {
  const code =
    "export { b, type A as C } from './a.ts'\nexport type { D } from './d.ts'\nexport const e = 1"
  expect(exportsOf(code)).toEqual(['A as C (type)', 'b', 'D (type)', 'e'])
})

for (const door of doors) {
  test(`#${door.path.replace('/index.ts', '')}`, () => {
    const names = exportsOf(door.code)
    expect(names.length).toBeGreaterThan(0)
    expect(new Set(names).size).toBe(names.length)
    expect(`\n${names.join('\n')}\n`).toMatchSnapshot()
  })
}
