import { Problem } from '#kit/core'
import {
  type BoundRepositories,
  bindEveryone,
  bindRepositories,
  bindSystem,
  type Executor,
} from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { type Actor, type AnyModel, anonymous } from '#kit/model'
import { type App, usageFault } from '#kit/tool'

/** Whom a command works for; undefined for nobody, whom no policy binds. */
export type Worker = Actor | undefined

/** The user of this name. Throws `not_found`, and `usage` where the app has no users. */
export async function workerNamed(
  app: App,
  context: ServiceContext,
  name: string | undefined,
): Promise<Worker> {
  if (name === undefined) return undefined
  const find = app.tools.find(({ actorNamed }) => actorNamed !== undefined)?.actorNamed
  if (!find) throw usageFault('--as: This app has no users.')
  const actor = await find(context, name)
  if (actor) return actor
  throw new Problem('not_found', `There is no active user "${name}". See: plinth user list`)
}

/** All rows for nobody and for an admin; those of a user for him. */
export function reach(
  { database, clock }: ServiceContext,
  worker: Worker,
  executor: Executor,
): BoundRepositories {
  const binding = { executor, actor: worker ?? anonymous, nowMs: clock.nowMs }
  if (!worker) return bindSystem(database, binding)
  return worker.role === 'admin'
    ? bindEveryone(database, binding)
    : bindRepositories(database, binding)
}

/** The model of this name or table. Throws `usage` with those that there are. */
export function modelNamed({ models }: App, name: string): AnyModel {
  const open = models.filter((model) => !model.name.startsWith('plinth_'))
  const found = open.find((model) => model.name === name || model.table === name)
  if (found) return found
  const names = open.map((model) => model.name).join(', ')
  throw usageFault(`There is no model "${name}". There are: ${names}.`)
}
