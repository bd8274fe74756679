import { Problem } from '#kit/core'
import { type ImportRow, placeIn } from '#kit/csv'
import type { AnyModel, Input, Repositories } from '#kit/model'

/** Created at once; the lines of a conflict are known to within as many rows. */
export const portionSize = 64

interface Creating {
  readonly repositories: Repositories
  readonly model: AnyModel
  readonly rows: readonly ImportRow[]
}

/** Creates the rows, in portions. Where the database refuses one, the problem names the lines that it is among. */
export async function createRows({ repositories, model, rows }: Creating): Promise<void> {
  for (let start = 0; start < rows.length; start += portionSize) {
    const portion = rows.slice(start, start + portionSize)
    const inputs = portion.map(({ input }) => input as Input<AnyModel>)
    try {
      await repositories(model).createMany(inputs)
    } catch (error) {
      throw placed(error, portion)
    }
  }
}

function placed(error: unknown, portion: readonly ImportRow[]): unknown {
  if (!(error instanceof Problem) || error.kind.code !== 'conflict') return error
  const first = portion[0]?.line ?? 0
  const last = portion.at(-1)?.line ?? first
  const fields = error.errors?.map(({ path }) => path) ?? []
  const message = `One of the lines ${first} to ${last}: ${error.detail}`
  return new Problem('conflict', `Nothing was imported. ${message}`, {
    cause: error,
    errors: [{ path: placeIn(first, fields.join('+') || undefined), code: 'taken', message }],
  })
}
