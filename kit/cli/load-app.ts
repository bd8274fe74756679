import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Problem } from '#kit/core'
import type { App } from '#kit/tool'
import type { Console } from './run-cli.ts'

/** The app that this folder's app.ts exports as `app`; without such a file, the one Plinth ships with. */
export async function loadApp({
  folder,
  bundled,
}: Pick<Console, 'folder' | 'bundled'>): Promise<App> {
  if (bundled) return bundled()
  const file = join(folder, 'app.ts')
  if (!existsSync(file)) return (await import('#app')).app
  const module: { readonly app?: App } = await import(pathToFileURL(file).href)
  if (module.app === undefined)
    throw new Problem(
      'internal',
      `${file} exports no "app". Add: export const app = createApp({ tools: [...] })`,
    )
  return module.app
}
