import type { Activities, Admin, NamesOf, Stats } from '#kit/admin'
import { callerOf, type Source } from '#kit/core'
import type { BoundRepositories } from '#kit/db'
import type { AuthenticatorService, Route, ServiceContext } from '#kit/http'
import type { Job } from '#kit/jobs'
import type { Actor, AnyModel } from '#kit/model'
import type { CommandTable } from './define-command.ts'
import type { Demo } from './demo.ts'
import type { Seed } from './seed.ts'

export interface ToolSpec {
  /** In kebab-case; also the folder's name and the tag in API documents. */
  readonly name: string
  readonly models: readonly AnyModel[]
  readonly routes: readonly Route[]
  /** What admins do with its models: each brings its routes. */
  readonly admin?: readonly Admin[]
  /** What it adds to `GET /api/admin/stats`. */
  readonly stats?: readonly Stats[]
  /** What feeds tell of its operations. Of others admins read that they happened, and staff nothing. */
  readonly activity?: Activities
  /** Its name in feeds. Default: its name. */
  readonly activityName?: string
  /** Names people. The one tool that knows who is who declares it. */
  readonly namesOf?: NamesOf
  /** The folder of its migrations: `join(import.meta.dir, 'migrations')`. */
  readonly migrations: string
  /** The status of invalid input. Default 422. */
  readonly invalid?: 400 | 422
  /** The one tool that knows who is who declares it. */
  readonly authenticator?: AuthenticatorService
  /** Runs once the database is migrated and before the server listens. */
  readonly onStart?: (context: ServiceContext) => Promise<void>
  /**
   * What must hold of its rows beyond what their models say: throws `conflict` where it does not. Asked within the unit
   * of work that undoes something, since that goes past the rules of routes.
   */
  readonly assertSound?: (all: BoundRepositories) => Promise<void>
  /** What is done again and again while a server runs: see `defineJob`. */
  readonly jobs?: readonly Job[]
  /** Run by `plinth db seed`, any number of times. */
  readonly seed?: Seed
  /** Tools that belong together: `plinth seed store` runs the seeds of those that say `store`. */
  readonly seedSet?: string
  /** Days of made-up use, for `plinth seed store --demo`. */
  readonly demo?: Demo
  /** Whom a name means, for whoever works on the machine itself: `plinth db shell --as`. Undefined for nobody. */
  readonly actorNamed?: ActorNamed
  /** Its commands on the command line, such as `user create`. */
  readonly commands?: CommandTable
}

export type ActorNamed = (context: ServiceContext, name: string) => Promise<Actor | undefined>

export interface Tool
  extends Required<Pick<ToolSpec, 'name' | 'models' | 'routes' | 'migrations' | 'invalid'>> {
  readonly authenticator: AuthenticatorService | undefined
  readonly onStart: ((context: ServiceContext) => Promise<void>) | undefined
  readonly assertSound: ((all: BoundRepositories) => Promise<void>) | undefined
  readonly jobs: readonly Job[]
  readonly seed: Seed | undefined
  readonly seedSet: string | undefined
  readonly demo: Demo | undefined
  readonly actorNamed: ActorNamed | undefined
  readonly commands: CommandTable
  readonly admin: readonly Admin[]
  readonly stats: readonly Stats[]
  readonly activity: Activities
  readonly activityName: string
  readonly namesOf: NamesOf | undefined
  readonly source: Source
}

/** Declares a tool: its models, routes and migrations under one name. */
export function defineTool(spec: ToolSpec): Tool {
  const admin = spec.admin ?? []
  return Object.freeze({
    name: spec.name,
    models: Object.freeze([...spec.models]),
    routes: Object.freeze([...spec.routes, ...admin.flatMap(({ routes }) => routes)]),
    migrations: spec.migrations,
    invalid: spec.invalid ?? 422,
    authenticator: spec.authenticator,
    onStart: spec.onStart,
    assertSound: spec.assertSound,
    jobs: Object.freeze([...(spec.jobs ?? [])]),
    seed: spec.seed,
    seedSet: spec.seedSet,
    demo: spec.demo,
    actorNamed: spec.actorNamed,
    commands: Object.freeze({ ...spec.commands }),
    admin: Object.freeze([...admin]),
    stats: Object.freeze([...(spec.stats ?? [])]),
    activity: Object.freeze({ ...spec.activity }),
    activityName: spec.activityName ?? spec.name,
    namesOf: spec.namesOf,
    source: callerOf(defineTool),
  })
}
