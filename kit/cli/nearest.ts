/** The name that differs least from this one, if any is near enough to be meant. */
export function nearestOf(name: string, known: readonly string[]): string | undefined {
  const bound = Math.max(1, Math.floor(name.length / 2))
  return known
    .map((candidate) => ({ candidate, distance: distanceOf(name, candidate) }))
    .filter(({ distance }) => distance <= bound)
    .sort((a, b) => a.distance - b.distance)[0]?.candidate
}

/** The least number of letters to add, drop or change that make one out of the other (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, at(row, j) + 1, at(next, j - 1) + 1))
    }
    row = next
  }
  return at(row, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
