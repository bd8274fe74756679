import { join } from 'node:path'
import { atLeast, type Finding } from '../finding.ts'
import { makeDatabase } from '../make-database.ts'
import { runPlinth, urlOf } from '../servers.ts'
import { median } from '../statistics.ts'
import type { Part } from './part.ts'

const wantedRows = 20_000

/** `db copy` from SQLite to PostgreSQL, the whole command: start, migrations, rows, and reading both to compare. */
export const copy: Part = async (bench) => {
  const { place, options } = bench
  const tasks = options.isQuick ? 100_000 : 300_000
  const file = await makeDatabase(place, join(place.folder, 'copied.db'), { users: 10, tasks })
  const postgres = await bench.postgres()
  const rates: number[] = []
  for (let round = 0; round < (options.isQuick ? 1 : 3); round++) {
    const fromMs = performance.now()
    await runPlinth(place, ['db', 'copy', '--from', urlOf(file), '--to', postgres.newUrl()])
    rates.push((tasks * 1000) / (performance.now() - fromMs))
    process.stderr.write(`  db copy: ${rates.at(-1)?.toFixed(0)} tasks/s\n`)
  }
  const rate = median(rates)
  const finding: Finding = {
    title: `db copy, SQLite → PostgreSQL, ${tasks.toLocaleString('en')} tasks`,
    cells: {
      'tasks/s': Math.round(rate).toLocaleString('en'),
      range: `${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)}`,
    },
    target: atLeast(wantedRows, rate, ' tasks/s'),
    data: { tasks, rates },
  }
  return [finding]
}
