export type { TestDatabase } from './dialects/dialect-under-test.ts'
export { eachDialect, type OpenOptions, type TestDialect } from './each-dialect.ts'
export { type FakeClock, fakeClock } from './fake-clock.ts'
export { seededIds } from './seeded-ids.ts'
