import type { Scoping } from './repository/scope.ts'
import type { Binding, BoundRepositories, Database } from './types.ts'

/** What repositories were bound to, for what works beside them in the same unit. */
export interface BoundTo {
  readonly database: Database
  readonly binding: Binding
  readonly scoping: Scoping
}

const mark = Symbol('bound to')

interface Marked {
  [mark]?: BoundTo
}

export function noteBinding(repositories: BoundRepositories, bound: BoundTo): void {
  const marked: Marked = repositories as Marked
  marked[mark] = bound
}

/** Throws TypeError for repositories that were not made by `bind…`. */
export function boundTo(repositories: BoundRepositories): BoundTo {
  const bound = (repositories as Marked)[mark]
  if (bound) return bound
  throw new TypeError('These repositories are bound to no database.')
}
