export type { AttemptLimit } from './attempt-rules.ts'
export type { AccessClaims, RefreshClaims } from './claims.ts'
export { isCommonPassword } from './common-passwords.ts'
export { type FetchKeysOptions, fetchKeys, KeysUnavailable } from './issuers/fetch-keys.ts'
export type { ForeignClaims } from './issuers/foreign-claims.ts'
export { type ForeignTokens, foreignTokens, mayBeOurs } from './issuers/foreign-tokens.ts'
export { toNetwork } from './network.ts'
export {
  createPasswords,
  fitsBcrypt,
  maxSecretBytes,
  type PasswordOptions,
  type Passwords,
  passwords,
} from './passwords.ts'
export { isWrongSignature } from './signed-token.ts'
export {
  createThrottling,
  type Guarded,
  type LimitedKey,
  type Quota,
  type Throttling,
  throttleKeptMs,
  throttling,
} from './throttle.ts'
export { Throttle } from './throttle-model.ts'
export { createTokens, type TokenOptions, type Tokens, tokens } from './tokens.ts'
export type { ReportHeaders } from './too-many.ts'
