import { contest, enterContest } from '../contest.ts'
import { atMost } from '../finding.ts'
import type { Scenario } from '../scenarios.ts'
import { bare, bareAudited, copyDatabase, plinth } from '../servers.ts'
import { assertSuggesting } from '../shop/assert-suggesting.ts'
import { makeBasement } from '../shop/basement.ts'
import { type Display, makeDisplay } from '../shop/display.ts'
import { countItem, readPullList, suggestNames } from '../shop/scenarios.ts'
import { median } from '../statistics.ts'
import type { Part } from './part.ts'
import { against, type Opponent, p99, toCpu, withoutTokens } from './throughput.ts'

export const shopCount = atDisplay(countItem, [
  { kind: bareAudited, wanted: 0.6 },
  { kind: { ...bare, name: 'bare, no audit' } },
])
export const shopPullList = atDisplay(readPullList, [{ kind: bare, wanted: 0.6 }])

/** Each server on a database of a shop. */
function atDisplay(
  toScenario: (display: Display) => Scenario,
  opponents: readonly Opponent[],
): Part {
  return async (bench) => {
    const display = await makeDisplay(bench)
    const { file, dataset } = display
    const newDatabase = async () => copyDatabase(bench.place, file)
    const part = against(toScenario(display), opponents)
    return part({ ...bench, file, dataset, newDatabase })
  }
}

/** How long one person waits who types a name. */
export const shopSuggest: Part = async (bench) => {
  const { file, dataset } = await makeBasement(bench)
  const newDatabase = async () => copyDatabase(bench.place, file)
  const contestant = await enterContest({ ...bench, dataset, newDatabase }, plinth, suggestNames)
  await assertSuggesting(contestant)
  const [own = []] = await contest(bench, suggestNames, [contestant])
  await contestant.server.stop()
  const ms = median(own.map(({ p50Ms }) => p50Ms))
  return [
    {
      title: suggestNames.title,
      cells: { 'p50 ms': ms.toFixed(2), 'p99 ms': p99(own), 'CPU µs': toCpu(own) },
      target: atMost(10, ms, ' ms'),
      data: { own: own.map(withoutTokens) },
    },
  ]
}
