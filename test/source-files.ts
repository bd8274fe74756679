import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dir, '..')

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
  /** The text with its comments blanked. */
  readonly code: string
  readonly imports: readonly string[]
  /** Which tests of structure it is exempt from: it tests, and ships nothing. */
  readonly isTest: boolean
}

/** Every source file that this glob finds. */
export function sourceFiles(glob: string): SourceFile[] {
  return [...new Bun.Glob(glob).scanSync({ cwd: root })]
    .filter((path) => !path.includes('node_modules/'))
    .sort()
    .map(toSourceFile)
}

function toSourceFile(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const code = withoutComments(text)
  const isTest = /\.test\.tsx?$|^kit\/testing\/|\/fixture\//.test(path)
  return { path, text, code, imports: importsOf(code), isTest }
}

const fromClause = /^(?:import|export)\b[^;'"`]*?\bfrom\s*'([^']+)'/gm
const bareImport = /^import\s+'([^']+)'/gm
const calledImport = /\bimport\(\s*'([^']+)'\s*\)/g

/** What this module imports: values and types, statements and calls. */
export function importsOf(code: string): string[] {
  return [fromClause, bareImport, calledImport].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => match[1] ?? ''),
  )
}

const textOrComment =
  /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g

function withoutComments(text: string): string {
  return text.replace(textOrComment, (found) => (found.startsWith('/') ? '' : found))
}
