import { plugin } from 'bun'
import { toUnaudited } from './to-unaudited.ts'

/*
 * Loaded before Plinth's own command line, this makes it the same server but for one word: tasks are not audited.
 * There is no such switch in Plinth itself, and no second copy of the tool that would have to be kept like the first.
 */
plugin({
  name: 'unaudited tasks',
  setup: (build) => {
    build.onLoad({ filter: /\/tools\/tasks\/model\.ts$/ }, async ({ path }) => ({
      contents: toUnaudited(await Bun.file(path).text()),
      loader: 'ts',
    }))
  },
})
