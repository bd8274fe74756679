export type { TestAccount } from './accounts.ts'
export { type ContractOptions, contract } from './contract/contract.ts'
export type { Sample, SampleOf, Samples } from './contract/contract-case.ts'
export type { TestDatabase } from './dialects/dialect-under-test.ts'
export { hasPgbouncer, type Pgbouncer, startPgbouncer } from './dialects/pgbouncer.ts'
export {
  type PostgresServer,
  type StartOptions,
  startPostgres,
} from './dialects/postgres-server.ts'
export { eachDialect, type OpenOptions, onDialect, type TestDialect } from './each-dialect.ts'
export { type FakeClock, fakeClock } from './fake-clock.ts'
export { type ConsoleInput, type RecordingIo, recordingIo } from './recording-io.ts'
export { problemOf, refusalOf } from './refusal.ts'
export type { Answer, SendHeaders, SendRequest } from './request.ts'
export { type Scenario, scenarios } from './scenarios.ts'
export { seededIds } from './seeded-ids.ts'
export { type TestApp, type TestAppOptions, testApp } from './test-app.ts'
export { until } from './until.ts'
