import { Problem } from '#kit/core'
import { queryReadOnly } from '#kit/data'
import {
  type BoundRepositories,
  bindEveryone,
  bindRepositories,
  bindSystem,
  type Executor,
} from '#kit/db'
import type { ServiceContext } from '#kit/http'
import { type Actor, type AnyModel, anonymous } from '#kit/model'

/** Who works in the shell: one actor, or the system, which no policy binds. */
export type Who = { readonly actor: Actor } | 'system'

const readVerbs = ['list', 'find', 'get', 'count'] as const
const writeVerbs = [
  'create',
  'createMany',
  'put',
  'change',
  'changeMany',
  'remove',
  'removeMany',
  'restore',
] as const

type Verb = (typeof readVerbs)[number] | (typeof writeVerbs)[number]
type ShellRepository = Readonly<Record<Verb, (...given: never[]) => Promise<unknown>>>

/** What can be named in the shell. */
export function shellNames(
  context: ServiceContext,
  models: readonly AnyModel[],
  who: Who,
): Readonly<Record<string, unknown>> {
  const bind = binderOf(context, who)
  const repositories = (reach: Bind) =>
    Object.fromEntries(
      models.map((model) => [nameOf(model), toRepository(context, model, reach)] as const),
    )
  const isAdmin = who !== 'system' && who.actor.role === 'admin'
  return {
    ...repositories(bind),
    models: Object.fromEntries(models.map((model) => [nameOf(model), model])),
    query: bind(context.database.reader).query,
    ...(isAdmin ? { everyone: repositories(binderOf(context, who, 'everyone')) } : {}),
    ...(who === 'system' ? { sql: sqlOf(context) } : {}),
  }
}

/** `task` → `Task`, `milk_count` → `MilkCount`. */
export function nameOf({ name }: AnyModel): string {
  return name.replaceAll(/(?:^|[_-])([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

type Bind = (executor: Executor) => BoundRepositories

function binderOf({ database, clock }: ServiceContext, who: Who, reach?: 'everyone'): Bind {
  const actor = who === 'system' ? anonymous : who.actor
  const bound = who === 'system' ? bindSystem : reach ? bindEveryone : bindRepositories
  return (executor) => bound(database, { executor, actor, nowMs: clock.nowMs })
}

/** Each write is a unit of its own: it is on disk when it is answered. */
function toRepository({ database }: ServiceContext, model: AnyModel, bind: Bind): ShellRepository {
  const call = (executor: Executor, verb: Verb, given: readonly never[]) => {
    const rows = bind(executor)(model) as unknown as ShellRepository
    return rows[verb](...given)
  }
  const reads = readVerbs.map(
    (verb) => [verb, (...given: never[]) => call(database.reader, verb, given)] as const,
  )
  const writes = writeVerbs.map(
    (verb) =>
      [
        verb,
        (...given: never[]) => database.write('shell', (unit) => call(unit, verb, given)),
      ] as const,
  )
  return Object.freeze(Object.fromEntries([...reads, ...writes])) as ShellRepository
}

/** SQL as it is, reading only. */
function sqlOf({ database }: ServiceContext) {
  return async (text: string, ...values: (string | number | boolean | null)[]) => {
    if (typeof text !== 'string')
      throw new Problem('malformed', "Call it with a text: sql('SELECT 1')")
    return queryReadOnly(database, text, values)
  }
}
