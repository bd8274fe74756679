import { describe, expect, test } from 'bun:test'
import { dirname, join, normalize } from 'node:path'
import { importsOf, type SourceFile, sourceFiles } from './source-files.ts'

/** What each part of the kit may import: the graph of the design. */
const graph: Readonly<Record<string, readonly string[]>> = {
  core: [],
  model: ['core'],
  csv: ['core', 'model'],
  db: ['core', 'model'],
  migrate: ['core', 'model', 'db'],
  data: ['core', 'model', 'db', 'migrate'],
  http: ['core', 'model', 'csv', 'db'],
  live: ['core', 'model', 'db', 'http'],
  jobs: ['core', 'model', 'db', 'http'],
  auth: ['core', 'model', 'csv', 'db', 'http'],
  files: ['core', 'model', 'db', 'http'],
  admin: ['core', 'model', 'csv', 'db', 'http', 'auth'],
  tool: [
    'core',
    'model',
    'db',
    'migrate',
    'data',
    'http',
    'files',
    'live',
    'jobs',
    'auth',
    'admin',
  ],
  agent: [
    'core',
    'model',
    'db',
    'migrate',
    'data',
    'http',
    'files',
    'live',
    'jobs',
    'auth',
    'admin',
    'tool',
  ],
  cli: [
    'core',
    'model',
    'csv',
    'db',
    'migrate',
    'data',
    'http',
    'files',
    'jobs',
    'auth',
    'admin',
    'tool',
    'agent',
  ],
}

const kit = sourceFiles('kit/**/*.{ts,tsx}')
const tools = sourceFiles('tools/**/*.{ts,tsx}')
const shipped = [...kit, ...tools].filter((file) => !file.isTest)

/** `kit/http/app.ts` → `kit/http`; `tools/tasks/routes.ts` → `tools/tasks`. */
function partOf(path: string): string {
  return path.split('/').slice(0, 2).join('/')
}

/** The part that an import reaches, or undefined for packages. */
function targetOf(file: SourceFile, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return partOf(normalize(join(dirname(file.path), specifier)))
  return specifier.startsWith('#') ? specifier.slice(1) : undefined
}

function crossings(files: readonly SourceFile[]) {
  return files.flatMap((file) =>
    file.imports.flatMap((specifier) => {
      const target = targetOf(file, specifier)
      const from = partOf(file.path)
      return target === undefined || (specifier.startsWith('.') && target === from)
        ? []
        : [{ file: file.path, from, specifier, target }]
    }),
  )
}

/** The files with code that matches, each with its first match. */
function offenders(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, code }) => {
    const match = pattern.exec(code)
    return match ? [`${path}: ${match[0]}`] : []
  })
}

function importers(
  files: readonly SourceFile[],
  isWanted: (specifier: string) => boolean,
): string[] {
  return files.filter((file) => file.imports.some(isWanted)).map((file) => file.path)
}

describe('import graph', () => {
  test('imports are read: values, types, several lines, calls', () => {
    const code =
      "import type { A } from '#a'\nexport {\n  b,\n} from './b.ts'\nimport 'c'\nawait import('d')"
    expect(importsOf(code)).toEqual(['#a', './b.ts', 'c', 'd'])
    expect(kit.length).toBeGreaterThan(50)
  })

  test('every part of the kit has its place in the graph', () => {
    const parts = new Set(kit.map((file) => file.path.split('/')[1] ?? ''))
    expect([...parts].filter((part) => part !== 'testing' && !graph[part])).toEqual([])
  })

  test('a part of the kit imports only the doors of parts below it', () => {
    const wrong = crossings(shipped.filter((file) => file.path.startsWith('kit/'))).filter(
      ({ from, specifier, target }) => {
        if (from === 'kit/cli' && /^#app$|\/package\.json$/.test(specifier)) return false
        const below = graph[from.slice('kit/'.length)] ?? []
        return !(specifier.startsWith('#kit/') && below.includes(target.slice('kit/'.length)))
      },
    )
    expect(wrong).toEqual([])
  })

  test('a tool imports doors of the kit, and of other tools', () => {
    const doors = new Set([...Object.keys(graph)].map((part) => `#kit/${part}`))
    const others = new Set(tools.map((file) => `#${partOf(file.path)}`))
    const wrong = crossings(tools.filter((file) => !file.isTest)).filter(
      ({ from, specifier }) =>
        !doors.has(specifier) && !(others.has(specifier) && specifier !== `#${from}`),
    )
    expect(wrong).toEqual([])
  })

  test('tools do not import one another in a circle', () => {
    const edges = crossings(tools).filter(({ target }) => target.startsWith('tools/'))
    const reach = (from: string, seen: readonly string[]): string[] =>
      edges
        .filter((edge) => edge.from === from && edge.target !== from)
        .flatMap(({ target }) =>
          seen.includes(target)
            ? [[...seen, target].join(' → ')]
            : reach(target, [...seen, target]),
        )
    expect(tools.flatMap((file) => reach(partOf(file.path), [partOf(file.path)]))).toEqual([])
  })

  test('test files and kit/testing reach into no other part, and no tool', () => {
    const wrong = crossings([...kit, ...tools].filter((file) => file.isTest)).filter(
      ({ file, specifier }) =>
        specifier.startsWith('.') || (file.startsWith('kit/') && specifier.startsWith('#tools/')),
    )
    expect(wrong).toEqual([])
  })

  test('nothing that ships imports the testing part or a test file', () => {
    const isTesting = (specifier: string) =>
      specifier === '#kit/testing' || /\.test\.ts$/.test(specifier) || specifier === 'bun:test'
    expect(importers(shipped, isTesting)).toEqual([])
  })
})

describe('what stands in one place only', () => {
  test('one file knows the router', () => {
    const known = importers(shipped, (specifier) => /^rou3(\/|$)/.test(specifier))
    expect(known).toEqual(['kit/http/match.ts'])
  })

  test('bun:sqlite is opened by its dialect alone', () => {
    const known = importers(shipped, (specifier) => specifier === 'bun:sqlite')
    expect(known.length).toBeGreaterThan(0)
    expect(known.filter((path) => !path.startsWith('kit/db/dialect/sqlite/'))).toEqual([])
  })

  test('nobody branches on the name of an engine', () => {
    const elsewhere = shipped.filter(
      ({ path }) => !/^kit\/(db\/dialect\/|db\/open-database\.ts$|core\/)/.test(path),
    )
    expect(offenders(elsewhere, /(?:[=!]==?|case)\s*['"](?:sqlite|postgres)['"]/)).toEqual([])
  })

  test('libraries throw, only the command line exits and prints', () => {
    const libraries = shipped.filter(({ path }) => !path.startsWith('kit/cli/'))
    expect(
      offenders(libraries, /\bconsole\s*\.|process\s*\.\s*exit(?:Code)?\b|\bprompt\(/),
    ).toEqual([])
  })
})

describe('files', () => {
  const everywhere = [
    ...kit,
    ...tools,
    ...['test', 'bench', 'scripts', 'bin', 'create', 'console'].flatMap((folder) =>
      sourceFiles(`${folder}/**/*.{ts,tsx,js}`),
    ),
    ...sourceFiles('*.ts'),
  ]

  test('have at most 300 lines', () => {
    const long = everywhere
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > 300)
    expect(long).toEqual([])
  })

  test('are named after an idea', () => {
    const vague = /(?:^|[/-])(?:utils?|helpers?|common|manager|base)\.\w+$/
    expect(everywhere.filter(({ path }) => vague.test(path)).map(({ path }) => path)).toEqual([])
  })

  test('named index.ts are doors: they hold exports and nothing else', () => {
    const doors = shipped.filter(({ path }) => /^(?:kit|tools)\/[^/]+\/index\.ts$/.test(path))
    const rest = doors.map(({ path, code }) => ({
      path,
      rest: code.replace(/^export (?:type )?\{[^}]*\} from '[^']+'$/gm, '').trim(),
    }))
    expect(rest.filter((door) => door.path.startsWith('kit/') && door.rest !== '')).toEqual([])
  })
})
