import { bindSystem, type Database, type Unit } from '#kit/db'
import { anonymous, type Repository, type Row } from '#kit/model'
import { isBlank, type KeyState, unknownKey } from './attempt-rules.ts'
import { Throttle } from './throttle-model.ts'

/** What one unit of work knows and changes of the keys. */
export interface ThrottleStore {
  get(key: string): Promise<KeyState & { readonly used: number }>
  set(key: string, state: KeyState & { readonly used: number }): Promise<void>
}

export function openThrottleStore(
  database: Database,
  unit: Unit,
  nowMs: () => number,
): ThrottleStore {
  const all = bindSystem(database, { executor: unit, actor: anonymous, nowMs })(Throttle)
  const rows = new Map<string, Row<typeof Throttle> | undefined>()
  return {
    get: async (key) => {
      const row = await all.find({ key })
      rows.set(key, row)
      return row ?? { ...unknownKey, used: 0 }
    },
    set: (key, { attempts, locks, until, used }) =>
      store(all, rows.get(key), { key, attempts, locks, until, used }),
  }
}

type Stored = KeyState & { readonly key: string; readonly used: number }

async function store(
  all: Repository<typeof Throttle>,
  row: Row<typeof Throttle> | undefined,
  state: Stored,
): Promise<void> {
  const isNothing = isBlank(state) && state.used === 0
  if (row === undefined && !isNothing) await all.create(state)
  if (row !== undefined && isNothing) await all.remove(row.id)
  if (row !== undefined && !isNothing) await all.change(row.id, state)
}
