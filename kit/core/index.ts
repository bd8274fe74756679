export { type Clock, fromInstant, type Instant, systemClock, toInstant } from './clock.ts'
export type { BucketConfig, Config, DatabaseConfig, IssuerConfig, ParsedConfig } from './config.ts'
export { type ConfigFault, type Environment, formatConfigFault } from './config-reader.ts'
export { type DatabasePlace, databasePlace } from './database-place.ts'
export { dateIn, nextDate, startOfDayMs, timeOfDayMs } from './days.ts'
export { fromDuration } from './duration.ts'
export { ensureSecret, secretFileOf } from './ensure-secret.ts'
export { type Parsed, parse, toFaults } from './faults.ts'
export { createIds, type Ids, isUuid } from './ids.ts'
export { type KeptSecrets, makeSecret, rotateKept, tooManyOld } from './kept-secrets.ts'
export { createLog, type Log } from './log.ts'
export { nameKey } from './name-key.ts'
export { developmentAdminPassword, parseConfig } from './parse-config.ts'
export {
  defineProblem,
  type Fault,
  invalidInput,
  Problem,
  type ProblemCode,
  type ProblemKind,
  type ProblemMembers,
  type ProblemOptions,
  problemKinds,
} from './problem.ts'
export { weaknessOf } from './secret-strength.ts'
export { settled } from './settled.ts'
export { mostOldSecrets, toSecretList } from './signing-secrets.ts'
export { callerOf, formatSource, type Source } from './source.ts'
