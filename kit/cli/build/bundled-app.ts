import { runProcess } from '../run-process.ts'

/** The start of dist/app.js: the command line with the app that is in the bundle. */
export function run(folder: string): Promise<never> {
  return runProcess(folder, async () => (await import('#app')).app)
}
