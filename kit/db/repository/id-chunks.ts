import type { Expression } from 'kysely'
import type { Value } from '../types.ts'
import type { ModelPlan } from './model-plan.ts'
import { slot } from './slots.ts'

/** Most ids in one statement. */
const longest = 256

/** Ids for one statement: `… where column in (slots)`. */
export interface IdChunk {
  /** How many placeholders there are: a power of two, so that a few statements serve for all numbers of ids. */
  readonly size: number
  readonly slots: () => Expression<never>[]
  readonly values: Readonly<Record<string, Value>>
}

/** The ids of a column, some hundreds at a time; the last one fills up a chunk. */
export function* idChunks(
  plan: ModelPlan,
  column: string,
  ids: readonly unknown[],
): Generator<IdChunk> {
  for (let start = 0; start < ids.length; start += longest) {
    const chunk = ids.slice(start, start + longest)
    const size = 2 ** Math.ceil(Math.log2(chunk.length))
    const names = Array.from({ length: size }, (_, index) => `id_${index}`)
    const entries = names.map((name, index) => {
      const id = chunk[Math.min(index, chunk.length - 1)]
      return [name, plan.encode(column, id)] as const
    })
    yield { size, slots: () => names.map(slot), values: Object.fromEntries(entries) }
  }
}
