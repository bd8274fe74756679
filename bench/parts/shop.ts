import type { Scenario } from '../scenarios.ts'
import { bare, copyDatabase } from '../servers.ts'
import { type Display, makeDisplay } from '../shop/display.ts'
import { countItem, readPullList } from '../shop/scenarios.ts'
import type { Part } from './part.ts'
import { against } from './throughput.ts'

export const shopCount = atDisplay(countItem)
export const shopPullList = atDisplay(readPullList)

/** Beside the bare server, both on a database of a shop. */
function atDisplay(toScenario: (display: Display) => Scenario): Part {
  return async (bench) => {
    const display = await makeDisplay(bench)
    const { file, dataset } = display
    const newDatabase = async () => copyDatabase(bench.place, file)
    const part = against(toScenario(display), [{ kind: bare, wanted: 0.6 }])
    return part({ ...bench, file, dataset, newDatabase })
  }
}
