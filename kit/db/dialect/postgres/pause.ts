const firstMs = 25
const longestMs = 1000

/** Waits before the next attempt: longer each time, and never the same for two who wait at once. */
export function pauseBefore(attempt: number, limitMs = longestMs): Promise<void> {
  const mostMs = Math.min(firstMs * 2 ** (attempt - 1), limitMs)
  return new Promise((resolve) => setTimeout(resolve, mostMs * (0.5 + Math.random() / 2)))
}
