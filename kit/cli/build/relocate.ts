import { dirname, join } from 'node:path'

/** A source as it is bundled, and the files beside it that it reads. */
export interface Relocated {
  readonly text: string
  readonly assets: readonly string[]
}

/** In the bundle, the folder that it lies in. */
export const distFolder = 'plinthDist'

const fileImport = /^import (\w+) from '(\.[^']+)' with \{ type: 'file' \}$/gm
const ownFile = /new URL\('(\.[^']+)', import\.meta\.url\)/g

/**
 * A source that finds its own files from the bundle, where they lie as they do in the sources. `toPlace` answers
 * where in the bundle.
 */
export function relocate(text: string, file: string, toPlace: (path: string) => string): Relocated {
  const folder = dirname(file)
  const inDist = (path: string) => `(${distFolder} + ${JSON.stringify(`/${toPlace(path)}`)})`
  const assets = [...text.matchAll(ownFile)].map(([, path]) => join(folder, path ?? ''))
  const imported = [...text.matchAll(fileImport)].map(([, , path]) => join(folder, path ?? ''))
  return {
    text: text
      .replace(fileImport, (_, name, path) => `const ${name} = ${inDist(join(folder, path))}`)
      .replace(/\bimport\.meta\.dir(?:name)?\b/g, inDist(folder))
      .replace(/\bimport\.meta\.(?:path|filename)\b/g, inDist(file))
      .replace(/\bimport\.meta\.url\b/g, `Bun.pathToFileURL(${inDist(file)}).href`),
    assets: [...assets, ...imported],
  }
}
