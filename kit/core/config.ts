/** Where the data is. */
export type DatabaseConfig =
  | { readonly dialect: 'sqlite'; readonly file: string }
  | {
      readonly dialect: 'postgres'
      /** In the one spelling that drivers know: `postgres://…`, without our own parameters. */
      readonly url: string
      readonly tls: 'off' | 'prefer' | 'require' | 'verify-full'
      readonly poolMin: number
      readonly poolMax: number
      /** The certificates of the authorities that are trusted, instead of the system's. */
      readonly tlsCaFile?: string
      /** A pooler that gives each transaction another server process (pgbouncer, Neon) is between. */
      readonly isPooled?: boolean
      /** Default: 10 s. */
      readonly connectTimeoutMs?: number
      /** Default: 30 s. */
      readonly statementTimeoutMs?: number
    }

/** Another issuer whose tokens are accepted, and what they must say. */
export interface IssuerConfig {
  /** What they say in `iss`. Undefined only where none of its keys are published: `betterAuthSecret` then tells. */
  readonly issuer: string | undefined
  /** Where the keys are that sign its tokens. Undefined: it has none but `betterAuthSecret`. */
  readonly jwksUrl: string | undefined
  /** What they name in `aud`. Undefined: it is not looked at, which production does not allow. */
  readonly audience: string | undefined
}

/** A bucket of S3, or of anything that speaks like it. */
export interface BucketConfig {
  readonly bucket: string
  /** Before every key; empty for none. */
  readonly prefix: string
  readonly region: string
  /** Default: that of AWS. */
  readonly endpoint?: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The configuration, parsed whole from the environment. Durations in milliseconds. */
export interface Config {
  readonly env: 'development' | 'test' | 'production'
  readonly database: DatabaseConfig
  readonly host: string
  readonly port: number
  /** Signs tokens. In development made once and kept beside the data. */
  readonly secret: string
  /** Those that signed before it: they verify still. Default: none. */
  readonly oldSecrets?: readonly string[] | undefined
  readonly accessTokenMs: number
  readonly refreshTokenMs: number
  /** Verifies HS256 tokens of another issuer, where they are accepted. */
  readonly betterAuthSecret?: string | undefined
  /** Whose tokens are accepted beside ours. */
  readonly issuer?: IssuerConfig | undefined
  readonly adminUsername: string
  /** Undefined: make a random one and print it once. */
  readonly adminPassword: string | undefined
  readonly registration: 'open' | 'invite' | 'closed'
  /** Registrations an address may make in an hour. */
  readonly registrationLimit: number
  readonly passwordMinLength: number
  readonly corsOrigins: readonly string[]
  readonly storeTimezone: string
  /** Where files come in and, without a bucket, stay. */
  readonly uploadsDir: string
  /** Where files are kept, if not on this machine. */
  readonly bucket?: BucketConfig | undefined
  readonly migrate: 'auto' | 'check'
  readonly trustProxy: number
  readonly logLevel: string
  readonly docs: boolean
  /** How long entries of the audit trail are kept. Undefined: for ever. */
  readonly auditRetentionMs?: number | undefined
}

/** A parsed configuration whose secret may still have to be made: see `ensureSecret`. */
export type ParsedConfig = Omit<Config, 'secret'> & { readonly secret: string | undefined }
