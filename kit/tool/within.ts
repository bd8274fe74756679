/** Waits for the work, at most so long; answers whether it was done. Throws what it throws. */
export async function isWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(() => late.resolve(false), ms)
  try {
    return await Promise.race([work.then(() => true as const), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
