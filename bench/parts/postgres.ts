import { createDurably, listPage, readOne, type Scenario } from '../scenarios.ts'
import { barePostgres, barePostgresSingly } from '../servers.ts'
import type { Part } from './part.ts'
import { against, type Opponent } from './throughput.ts'

export const readPostgres = onPostgres(readOne, [{ kind: barePostgres, wanted: 0.7 }])
export const listPostgres = onPostgres(listPage, [{ kind: barePostgres, wanted: 0.75 }])
export const createPostgres = onPostgres(createDurably, [
  { kind: barePostgres, wanted: 0.7 },
  { kind: barePostgresSingly },
])

/** The same contest, each server with a database of its own on one PostgreSQL server. */
function onPostgres(scenario: Scenario, opponents: readonly Opponent[]): Part {
  const part = against({ ...scenario, title: `PostgreSQL: ${scenario.title}` }, opponents)
  return async (bench) => {
    const { copiesOf } = await bench.postgres()
    return part({ ...bench, newDatabase: await copiesOf(bench.file) })
  }
}
