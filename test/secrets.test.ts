import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { root } from './source-files.ts'

/** Every file that is committed or about to be, as text. */
const files = Bun.spawnSync(
  ['git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'],
  {
    cwd: root,
  },
)
  .stdout.toString()
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

function mentions(pattern: RegExp, isMeant: (path: string) => boolean = () => true): string[] {
  return files
    .filter(({ path }) => isMeant(path) && path !== 'test/secrets.test.ts')
    .flatMap(({ path, text }) => {
      const found = pattern.exec(text)
      return found ? [`${path}: ${found[0]}`] : []
    })
}

describe('committed files hold', () => {
  test('something at all', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(files.map(({ path }) => path)).toContain('package-lock.json')
  })

  test('no address of a registry', () => {
    const lock: { packages: Record<string, { resolved?: string }> } = JSON.parse(
      readFileSync(join(root, 'package-lock.json'), 'utf8'),
    )
    expect(Object.values(lock.packages).filter((entry) => entry.resolved !== undefined)).toEqual([])
    expect(mentions(/registry\.npm\w*\.\w+|registry\s*=|:_authToken/)).toEqual([])
  })

  test('no path of the machine they were written on', () => {
    const home =
      /(?:^|[\s"'`=(:])(?:\/(?:home|Users)\/[a-z]\w*\/|\/root\/|\/work\/|[A-Z]:\\Users\\)/m
    expect(mentions(home)).toEqual([])
  })

  test('no keys and no tokens', () => {
    expect(mentions(/-----BEGIN [A-Z ]*PRIVATE KEY-----/)).toEqual([])
    expect(
      mentions(/\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|npm_\w{36}|sk-[A-Za-z0-9]{32,})\b/),
    ).toEqual([])
    expect(mentions(/\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/)).toEqual([])
  })

  test('no database and no environment file', () => {
    const data = files.filter(({ path }) =>
      /\.(?:db|sqlite)(?:-wal|-shm)?$|(?:^|\/)\.env$/.test(path),
    )
    expect(data.map(({ path }) => path)).toEqual([])
  })
})

const documents = files.filter(({ path }) => path.endsWith('.md'))

function withoutCode(text: string): string {
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '')
}

/** The anchors of a document, made from its headings as GitHub does. */
function anchorsOf(text: string): string[] {
  const headings = [...text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^#{1,6} +(.+)$/gm)]
  return headings.map(([, heading = '']) =>
    heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
}

/** Whether the link's file is there, and the heading in it. Addresses on the web are not followed. */
function isBroken(document: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return false
  const [path = '', anchor] = link.split('#', 2)
  const target = path === '' ? document : normalize(join(dirname(document), path))
  if (!existsSync(join(root, target))) return true
  if (!anchor || !target.endsWith('.md')) return false
  return !anchorsOf(readFileSync(join(root, target), 'utf8')).includes(anchor)
}

describe('links in documents', () => {
  test('are told apart: one that resolves, one that does not, one with a wrong heading', () => {
    expect(anchorsOf("# A `b` isn't c\n")).toEqual(['a-b-isnt-c'])
    expect(isBroken('test/x.md', '../package.json')).toBe(false)
    expect(isBroken('test/x.md', '../nothing.json')).toBe(true)
  })

  for (const { path, text } of documents)
    test(path, () => {
      const links = [...withoutCode(text).matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
      const broken = links.map((link) => link[1] ?? '').filter((link) => isBroken(path, link))
      expect(broken).toEqual([])
    })
})
