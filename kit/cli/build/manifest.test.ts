import { afterAll, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isCurrent, type Manifest, readManifest, toInput, writeManifest } from './manifest.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-manifest-'))
const source = join(folder, 'source.ts')
const migrations = join(folder, 'migrations')
afterAll(() => rmSync(folder, { recursive: true }))

let manifest: Manifest

beforeEach(() => {
  for (const path of [source, migrations, join(folder, 'app.ts')])
    rmSync(path, { recursive: true, force: true })
  mkdirSync(migrations)
  writeFileSync(source, 'one')
  utimesSync(source, 1, 1)
  const inputs = ['source.ts', 'migrations', 'app.ts'].map((path) => toInput(folder, path))
  manifest = { inputs }
})

function write(text: string, seconds: number): void {
  writeFileSync(source, text)
  utimesSync(source, seconds, seconds)
}

test('it is current while nothing changes', () => {
  expect(isCurrent(manifest, folder)).toBe(true)
})

test('a file with another time and the same content is the same', () => {
  utimesSync(source, 2, 2)
  expect(isCurrent(manifest, folder)).toBe(true)
})

test.each([
  ['a file is written', () => writeFileSync(source, 'two')],
  ['a file is replaced by an older one', () => write('two', 0)],
  ['a file is longer at the same time', () => write('three', 1)],
  ['a file is gone', () => rmSync(source)],
  ['a file is added to a folder', () => writeFileSync(join(migrations, '0002.json'), '')],
  ['a file comes to be that was not there', () => writeFileSync(join(folder, 'app.ts'), '')],
])('it is not current where %s', (_, change) => {
  change()
  expect(isCurrent(manifest, folder)).toBe(false)
})

test('it is read as it was written; a half written one is none', () => {
  expect(readManifest(folder)).toBeUndefined()
  writeManifest(folder, manifest)
  expect(readManifest(folder)).toEqual(manifest)
  writeFileSync(join(folder, 'manifest.json'), '{"inputs":')
  expect(readManifest(folder)).toBeUndefined()
})
