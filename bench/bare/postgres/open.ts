import { SQL } from 'bun'
import type { Engine, EngineOptions } from '../engine.ts'
import { Refusal } from '../refusal.ts'
import { createAccounts } from './accounts.ts'
import { commits } from './commit.ts'
import { createTasks } from './tasks.ts'

/** As many connections as Plinth has when nothing is said. */
const poolSize = 10

export function openPostgres({ url, commit, tokens }: EngineOptions): Engine {
  const sql = new SQL({ url, max: poolSize })
  const write = commits[commit]?.(sql)
  if (!write) throw new Error(`COMMIT is ${commit}; it must be one of ${Object.keys(commits)}.`)
  return {
    accounts: createAccounts(sql, tokens),
    tasks: createTasks(sql, write),
    shop: { count: refuse, pullList: refuse },
    close: () => sql.close(),
  }
}

/** The shop is measured on SQLite alone. */
function refuse(): never {
  throw new Refusal(404, 'There is no shop here.')
}
