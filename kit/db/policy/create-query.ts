import type { Scoping } from '../repository/scope.ts'
import type { Binding, Database, Query } from '../types.ts'

export interface Bound {
  readonly binding: Binding
  readonly scoping: Scoping
}
export function createQuery(_database: Database, _bound: Bound): Query {
  return () => {
    throw new Error('x')
  }
}
