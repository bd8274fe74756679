/**
 * The number, zero without a sign: JSON writes no -0, and SQLite keeps none, but PostgreSQL does, and then a row would
 * hold another value than its JSON, the audit trail and what is undone by it.
 */
export function plainZero(value: number): number {
  return value + 0
}
