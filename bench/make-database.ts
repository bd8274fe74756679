import { type Dataset, seed } from './seed.ts'
import { plinth, startServer, urlOf } from './servers.ts'
import type { Workplace } from './workplace.ts'

/** A database as Plinth migrates it at its first start, filled and closed. Answers the file. */
export async function makeDatabase(
  place: Workplace,
  file: string,
  dataset: Dataset,
): Promise<string> {
  const server = await startServer(place, plinth, { url: urlOf(file) })
  await server.stop()
  seed(file, dataset)
  return file
}
