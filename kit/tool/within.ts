/** What the work answers, if it does within this time; else undefined. Throws what it throws. */
export async function answerWithin<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for the work, at most so long; answers whether it was done. Throws what it throws. */
export async function isWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const done = answerWithin(
    ms,
    work.then(() => true as const),
  )
  return (await done) ?? false
}
