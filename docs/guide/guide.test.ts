import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dir, '../..')
const snippet = /^```ts\n([\s\S]*?)^```$/gm
let folder: string

/** An app whose own files are the snippets of the guide; the rest is this repository's. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-guide-'))
  mkdirSync(join(folder, 'tools'))
  for (const path of [
    'kit',
    'bin',
    'node_modules',
    'package.json',
    'tsconfig.json',
    'tools/accounts',
  ])
    symlinkSync(join(root, path), join(folder, path))
  for (const page of new Bun.Glob('*.md').scanSync(import.meta.dir)) await writeSnippets(page)
})

afterAll(() => rmSync(folder, { recursive: true }))

/** Each goes to the file that its first line names, or else to one of its own. */
async function writeSnippets(page: string): Promise<void> {
  const text = readFileSync(join(import.meta.dir, page), 'utf8')
  for (const [index, match] of [...text.matchAll(snippet)].entries()) {
    const code = match[1] ?? ''
    const path = /^\/\/ (\S+\.ts)$/m.exec(code)?.[1] ?? `test/${page}-${index}.ts`
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    await Bun.write(join(folder, path), code)
  }
}

async function run(...command: string[]) {
  const child = Bun.spawn(command, {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: 'sqlite:///data/app.db' },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
  return { code: await child.exited, text: `${out}${err}` }
}

const bun = [process.execPath, '--no-install']
const plinth = [...bun, join(root, 'kit/cli/main.ts')]

test('its code has the right types', async () => {
  const project = join(folder, 'tsconfig.guide.json')
  await Bun.write(
    project,
    JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions: { preserveSymlinks: true },
      include: ['app.ts', 'tools/books', 'test'],
    }),
  )
  expect(await run(join(root, 'node_modules/.bin/tsc'), '-p', project)).toEqual({
    code: 0,
    text: '',
  })
}, 60_000)

test('its tests pass', async () => {
  const { code, text } = await run(...bun, 'test', './tools/books')
  expect(text).toContain(' 0 fail')
  expect(text).toMatch(/ 18 pass/)
  expect(code).toBe(0)
}, 60_000)

test('its app gets its migrations, which are then applied', async () => {
  expect((await run(...plinth, 'migrate', 'make')).text).toContain(
    'wrote tools/books/migrations/0001-initial.json',
  )
  expect((await run(...plinth, 'migrate', 'up')).text).toContain('applied books/0001-initial')
  expect((await run(...plinth, 'routes')).text).toMatch(
    /POST +\/api\/books\/:id\/finish +user +book/,
  )
  expect((await run(...plinth, 'doctor')).code).toBe(0)
}, 60_000)
