/** The middle value; the mean of the two in the middle where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

export interface Ratio {
  /** The median of the ratios of each round: what slows a whole round down slows both. */
  readonly value: number
  readonly lowest: number
  readonly highest: number
}

/** How two series of interleaved measurements compare, round by round. */
export function ratioOf(numerators: readonly number[], denominators: readonly number[]): Ratio {
  const ratios = numerators.map((value, index) => value / (denominators[index] ?? Number.NaN))
  return { value: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) }
}
