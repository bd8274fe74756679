import { Problem } from '#kit/core'

/** The problem that the work is refused with. Throws where it is not refused, or fails in another way. */
export async function problemOf(work: PromiseLike<unknown>): Promise<Problem> {
  try {
    await work
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('Was not refused.')
}

/** What the problem says that the work is refused with. */
export async function refusalOf(work: PromiseLike<unknown>): Promise<string> {
  return (await problemOf(work)).detail
}
