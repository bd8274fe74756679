import { toResult } from '../results.ts'
import type { PrintedPage, PrintForm, PrintScene, Result, ResultOf, ResultSpec } from '../types.ts'

/**
 * An answer that is given as a page to print, too: where `format=html` or `Accept: text/html` asks for it. `toPage` gets
 * the answer in its JSON form: what the schema does not show cannot get onto the page. The page runs no script and loads
 * nothing.
 */
export function printOf<const R extends ResultSpec, Shown = unknown>(
  spec: R,
  toPage: (shown: Shown, scene: PrintScene) => PrintedPage,
): Result<ResultOf<R>> {
  const print: PrintForm = Object.freeze({ toPage: toPage as PrintForm['toPage'] })
  return Object.freeze({ ...toResult(spec), print }) as Result<ResultOf<R>>
}
