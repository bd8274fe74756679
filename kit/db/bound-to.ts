import type { Scoping } from './repository/scope.ts'
import type { Binding, BoundRepositories, Database } from './types.ts'

/** What repositories were bound to, for what works beside them in the same unit. */
export interface BoundTo {
  readonly database: Database
  readonly binding: Binding
  readonly scoping: Scoping
}

/** Stands for no model: repositories that are asked for it say what they are bound to. A property would cost each request. */
const probe: unknown = Object.freeze({ name: 'what repositories are bound to' })

export function isProbe(model: unknown): boolean {
  return model === probe
}

/** Throws TypeError for repositories that were not made by `bind…`. */
export function boundTo(repositories: BoundRepositories): BoundTo {
  const bound = repositories(probe as never) as unknown
  if (typeof bound === 'object' && bound !== null && 'scoping' in bound) return bound as BoundTo
  throw new TypeError('These repositories are bound to no database.')
}
