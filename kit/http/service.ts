import type { Clock, Config, Ids, Log } from '#kit/core'
import type { Database } from '#kit/db'

/** What there is once in a running app. */
export interface ServiceContext {
  readonly config: Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly database: Database
  readonly use: Use
}

/** Something that lives as long as the app runs, made at its first use. Compared by identity. */
export interface Service<T> {
  readonly name: string
  readonly create: (context: ServiceContext) => T
}

export type Use = <T>(service: Service<T>) => T

export function defineService<T>(name: string, create: (context: ServiceContext) => T): Service<T> {
  return Object.freeze({ name, create })
}

/** Another maker for a service: for tests. */
export type ServiceOverride = readonly [Service<unknown>, unknown]
