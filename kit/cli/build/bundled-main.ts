import { existsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isCurrent, readManifest } from './manifest.ts'

/** What changes the sources, or watches them. */
const forSources = /^(?:dev|build|migrate make)\b/

/** The command line's source, from the folder of the app: set by the build. */
declare const plinthSources: string

type Run = (folder: string) => Promise<never>

// The start of dist/plinth.js. It is small, so that what need not be loaded is not.
const folder = join(import.meta.dir, '..')
const run = await choose()
await run(folder)

async function choose(): Promise<Run> {
  const sources = join(folder, plinthSources)
  const words = process.argv.slice(2).join(' ')
  // A copy of dist alone has nothing that it could be older than.
  if (!existsSync(sources)) return forSources.test(words) ? refuse : loadBundle()
  const manifest = readManifest(import.meta.dir)
  if (manifest && !forSources.test(words) && isCurrent(manifest, folder)) return loadBundle()
  if (/^start\b/.test(words))
    writeSync(2, 'plinth: dist is older than the sources, which are used: npm run build\n')
  const module: { readonly runProcess: Run } = await import(sources)
  return module.runProcess
}

async function refuse(): Promise<never> {
  writeSync(2, 'plinth: This needs the sources, and here is only what was built of them.\n')
  process.exit(1)
}

async function loadBundle(): Promise<Run> {
  const module: { readonly run: Run } = await import(join(import.meta.dir, 'app.js'))
  return module.run
}
