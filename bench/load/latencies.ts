/** Latencies as they come; they are sorted once, at the end. */
export function createLatencies() {
  let values = new Float64Array(65_536)
  let count = 0
  return {
    add: (ms: number): void => {
      if (count === values.length) {
        const wider = new Float64Array(count * 2)
        wider.set(values)
        values = wider
      }
      values[count++] = ms
    },
    count: () => count,
    /** The latency that this part of all did not exceed. */
    quantiles: (parts: readonly number[]): number[] => {
      const sorted = values.subarray(0, count).sort()
      return parts.map((part) => sorted[Math.min(count - 1, Math.floor(part * count))] ?? 0)
    },
  }
}
