import { callerOf, type Source } from '#kit/core'
import type { AuthenticatorService, Route, ServiceContext } from '#kit/http'
import type { Actor, AnyModel } from '#kit/model'
import type { CommandTable } from './define-command.ts'
import type { Seed } from './seed.ts'

export interface ToolSpec {
  /** In kebab-case; also the folder's name and the tag in API documents. */
  readonly name: string
  readonly models: readonly AnyModel[]
  readonly routes: readonly Route[]
  /** The folder of its migrations: `join(import.meta.dir, 'migrations')`. */
  readonly migrations: string
  /** The status of invalid input. Default 422. */
  readonly invalid?: 400 | 422
  /** The one tool that knows who is who declares it. */
  readonly authenticator?: AuthenticatorService
  /** Runs once the database is migrated and before the server listens. */
  readonly onStart?: (context: ServiceContext) => Promise<void>
  /** Run by `plinth db seed`, any number of times. */
  readonly seed?: Seed
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
  readonly seed: Seed | undefined
  readonly actorNamed: ActorNamed | undefined
  readonly commands: CommandTable
  readonly source: Source
}

/** Declares a tool: its models, routes and migrations under one name. */
export function defineTool(spec: ToolSpec): Tool {
  return Object.freeze({
    name: spec.name,
    models: Object.freeze([...spec.models]),
    routes: Object.freeze([...spec.routes]),
    migrations: spec.migrations,
    invalid: spec.invalid ?? 422,
    authenticator: spec.authenticator,
    onStart: spec.onStart,
    seed: spec.seed,
    actorNamed: spec.actorNamed,
    commands: Object.freeze({ ...spec.commands }),
    source: callerOf(defineTool),
  })
}
