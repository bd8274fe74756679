import type { AnyModel, Repository } from '#kit/model'
import { type BoundTo, isProbe } from './bound-to.ts'
import { createQuery } from './policy/create-query.ts'
import { BoundRepository } from './repository/bound-repository.ts'
import { assertAllowed, type Scoping, scopingOf, unboundScoping } from './repository/scope.ts'
import type { Binding, BoundRepositories, Database, Query } from './types.ts'

/** Repositories that reach what the models' policies give the actor. */
export function bindRepositories(database: Database, binding: Binding): BoundRepositories {
  return bind(database, binding, scopingOf(binding.actor, binding.nowMs))
}

/** Repositories that reach all rows, for an admin. Throws `forbidden` for anyone else. */
export function bindEveryone(database: Database, binding: Binding): BoundRepositories {
  assertAllowed(binding.actor, 'admin')
  return bind(database, binding, unboundScoping)
}

/** Repositories that reach all rows, for no actor: for what the system itself does. */
export function bindSystem(database: Database, binding: Binding): BoundRepositories {
  return bind(database, binding, unboundScoping)
}

function bind(database: Database, binding: Binding, scoping: Scoping): BoundRepositories {
  const bound: BoundTo = { database, binding, scoping }
  const repositories = <M extends AnyModel>(model: M) =>
    isProbe(model)
      ? (bound as never)
      : // The repository works on rows whose fields it learns from the model; the types know them beforehand.
        (new BoundRepository(model, bound) as unknown as Repository<M>)
  const query: Query = (...models) => createQuery(database, bound)(...models)
  repositories.query = query
  return repositories
}
