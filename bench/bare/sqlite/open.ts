import type { Engine, EngineOptions } from '../engine.ts'
import { createAccounts } from './accounts.ts'
import { commits } from './commit.ts'
import { openDatabase } from './database.ts'
import { createShop } from './shop.ts'
import { createTasks } from './tasks.ts'
import { createTrail } from './trail.ts'

export function openSqlite({ url, commit, isAudited, tokens }: EngineOptions): Engine {
  const { writer, reader } = openDatabase(url.replace('sqlite:///', ''))
  const trail = isAudited ? createTrail(writer) : undefined
  const write = commits[commit]?.(writer, trail)
  if (!write) throw new Error(`COMMIT is ${commit}; it must be one of ${Object.keys(commits)}.`)
  // Prepared at first use: an app may do without the shop's tables.
  let shop: ReturnType<typeof createShop> | undefined
  const atShop = () => {
    shop ??= createShop({ reader, writer, write, trail })
    return shop
  }
  return {
    accounts: createAccounts({ reader, writer, write, tokens }),
    tasks: createTasks(reader, writer, write),
    shop: {
      count: (...args) => atShop().count(...args),
      pullList: (...args) => atShop().pullList(...args),
    },
    close: () => {
      writer.close()
      reader.close()
    },
  }
}
