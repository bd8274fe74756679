import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { BunPlugin } from 'bun'
import { Problem } from '#kit/core'
import { readManifest, toInput, writeManifest } from './manifest.ts'
import { distFolder, relocate } from './relocate.ts'

export interface BundleSpec {
  /** The folder of the app. */
  readonly folder: string
  /** Folders that the app reads at run time: migrations. */
  readonly data: readonly string[]
}

const kitRoot = join(import.meta.dir, '../../..')
const source = join(import.meta.dir, '../run-process.ts')

/** Makes `dist/` in the folder of an app and answers its path. What `dist/` held before is removed, if it was ours. */
export async function bundleApp({ folder, data }: BundleSpec): Promise<string> {
  const dist = join(folder, 'dist')
  clear(dist)
  const inputs = new Set(['app.ts', ...data.map((path) => relative(folder, path))])
  const assets = new Set(data)
  const plugin = ownFiles(folder, (asset) => assets.add(asset))
  for (const path of await bundle(dist, plugin)) inputs.add(relative(folder, path))
  for (const asset of assets) {
    const files = copy(asset, join(dist, placeOf(folder, asset)))
    for (const file of files) inputs.add(relative(folder, file))
  }
  await lightenMap(join(dist, 'app.js.map'))
  // At last: a bundle without its manifest is not used.
  writeManifest(dist, { inputs: [...inputs].map((path) => toInput(folder, path)) })
  return dist
}

function clear(dist: string): void {
  const isOurs = readManifest(dist) !== undefined || existsSync(join(dist, 'plinth.js'))
  if (existsSync(dist) && readdirSync(dist).length > 0 && !isOurs)
    throw new Problem('conflict', `${dist} holds something else. Move it away, then build again.`)
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist)
}

/** Bundles what starts and what it starts, and answers the files that went in. */
async function bundle(dist: string, plugin: BunPlugin): Promise<readonly string[]> {
  const common = { target: 'bun', outdir: dist, metafile: true, throw: false } as const
  const results = [
    await Bun.build({
      ...common,
      entrypoints: [join(import.meta.dir, 'bundled-main.ts')],
      naming: 'plinth.js',
      define: { plinthSources: JSON.stringify(relative(dirname(dist), source)) },
    }),
    await Bun.build({
      ...common,
      entrypoints: [join(import.meta.dir, 'bundled-app.ts')],
      naming: 'app.[ext]',
      // Compiled ahead, which only this format can be. Modules are strict; a script is where it says so.
      format: 'cjs',
      bytecode: true,
      banner: `"use strict"; const ${distFolder} = __dirname;`,
      // The names of functions stay, and faults and routes name the sources.
      minify: { whitespace: true, syntax: true },
      sourcemap: 'linked',
      plugins: [plugin],
    }),
  ]
  const faults = results.flatMap(({ success, logs }) => (success ? [] : logs.map(toLine)))
  if (faults.length > 0) throw new Problem('internal', faults.join('\n'))
  return results.flatMap(({ metafile }) =>
    Object.keys(metafile?.inputs ?? {}).map((path) => resolve(path)),
  )
}

function toLine({ message, position }: BuildMessage | ResolveMessage): string {
  return position ? `${position.file}:${position.line}: ${message}` : message
}

/** The map is read at each start, for the places of declarations: without the texts, which it must not lack, in half the time. */
async function lightenMap(file: string): Promise<void> {
  const map: { readonly sources: readonly string[] } = await Bun.file(file).json()
  await Bun.write(file, JSON.stringify({ ...map, sourcesContent: map.sources.map(() => '') }))
}

/** Lets own sources find their files from the bundle, and `#app` be the app of this folder. */
function ownFiles(folder: string, onAsset: (path: string) => void): BunPlugin {
  const own = join(folder, 'app.ts')
  const app = existsSync(own) ? own : join(kitRoot, 'app.ts')
  return {
    name: 'own files',
    setup: (build) => {
      build.onResolve({ filter: /^#app$/ }, () => ({ path: app }))
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const source = await Bun.file(path).text()
        const { text, assets } = relocate(source, path, (each) => placeOf(folder, each))
        for (const asset of assets) onAsset(asset)
        return { contents: text, loader: 'ts' }
      })
    },
  }
}

/** Where in `dist/` a file lies: as in the folder of the app, also where it is not inside. */
function placeOf(folder: string, path: string): string {
  const steps = relative(folder, path).split(/[/\\]/)
  return steps.map((step) => (step === '..' ? 'above' : step)).join('/')
}

/** Copies a file, or a folder of files that may be missing; answers the files. */
function copy(from: string, to: string): string[] {
  const stat = statSync(from, { throwIfNoEntry: false })
  if (stat === undefined) return []
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true })
  return stat.isDirectory() ? readdirSync(from).map((name) => join(from, name)) : [from]
}
