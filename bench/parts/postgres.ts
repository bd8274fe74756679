import { createDurably, listPage, readOne, type Scenario } from '../scenarios.ts'
import { barePostgres, barePostgresSingly } from '../servers.ts'
import type { Part } from './part.ts'
import { against, type Opponent } from './throughput.ts'

export const readPostgres = againstOn(readOne, [{ kind: barePostgres, wanted: 0.7 }])
export const listPostgres = againstOn(listPage, [{ kind: barePostgres, wanted: 0.75 }])
export const createPostgres = againstOn(createDurably, [
  { kind: barePostgres, wanted: 0.7 },
  { kind: barePostgresSingly },
])

/** The same contest on PostgreSQL. */
function againstOn(scenario: Scenario, opponents: readonly Opponent[]): Part {
  return onPostgres(against({ ...scenario, title: `PostgreSQL: ${scenario.title}` }, opponents))
}

/** The same part, each server with a database of its own on one PostgreSQL server. */
export function onPostgres(part: Part): Part {
  return async (bench) => {
    const { copiesOf } = await bench.postgres()
    return part({ ...bench, newDatabase: await copiesOf(bench.file) })
  }
}
