/**
 * The value of a promise that is fulfilled already; any other promise as it is. What is at hand needs no turn of the
 * microtask queue, nor what comes after it a promise.
 */
export function settled<T>(value: T | Promise<T>): T | Promise<T> {
  if (!(value instanceof Promise) || Bun.peek.status(value) !== 'fulfilled') return value
  return Bun.peek(value)
}
