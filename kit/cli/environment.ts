export interface Variable {
  readonly about: string
  /** What counts where it is not set. */
  readonly otherwise: string
}

/** Every variable that the configuration reads, for the help. A test compares it with the reader. */
export const environment: Readonly<Record<string, Variable>> = Object.freeze({
  PLINTH_ENV: {
    about: 'development, test or production',
    otherwise: 'NODE_ENV, FLASK_ENV, else development',
  },
  PORT: { about: 'port to listen on; 0 takes a free one', otherwise: 'FLASK_RUN_PORT, else 5000' },
  HOST: { about: 'address to listen on', otherwise: '0.0.0.0' },
  DATABASE_URL: {
    about: 'sqlite:///relative.db, sqlite:////absolute.db or postgresql://user:password@host/name',
    otherwise: 'sqlite:///data/app.db',
  },
  DATABASE_POOL_MIN: { about: 'connections kept open to PostgreSQL', otherwise: '1' },
  DATABASE_POOL_MAX: { about: 'connections opened to PostgreSQL at most', otherwise: '10' },
  MIGRATE: {
    about: 'auto: apply pending migrations at start; check: refuse to start with them',
    otherwise: 'auto, in production check',
  },
  JWT_SECRET_KEY: {
    about: 'signs tokens; at least 32 characters',
    otherwise: 'SECRET_KEY, else made and kept beside the data; required in production',
  },
  JWT_SECRET_KEY_FALLBACKS: {
    about: 'older secrets that verify still, by commas: plinth secret rotate',
    otherwise: 'SECRET_KEY_FALLBACKS, else none',
  },
  JWT_ACCESS_TOKEN_EXPIRES: { about: 'seconds, or 15m, 24h, 7d', otherwise: '24h' },
  JWT_REFRESH_TOKEN_EXPIRES: { about: 'seconds, or 15m, 24h, 7d', otherwise: '30d' },
  BETTER_AUTH_SECRET: {
    about: 'accept HS256 tokens under the secret of a Better Auth server',
    otherwise: 'off',
  },
  AUTH_ISSUER: { about: 'accept tokens that say this in "iss"', otherwise: 'off' },
  AUTH_JWKS_URL: { about: 'where that issuer publishes its keys', otherwise: 'off' },
  AUTH_AUDIENCE: {
    about: 'what its tokens must name in "aud"',
    otherwise: 'AUTH_ISSUER; required in production',
  },
  ADMIN_USERNAME: { about: 'the first admin, made where there is none', otherwise: 'admin' },
  ADMIN_PASSWORD: {
    about: "the first admin's password",
    otherwise: 'admin2025; in production made and printed once',
  },
  REGISTRATION: { about: 'open, invite or closed', otherwise: 'open' },
  REGISTRATION_LIMIT: { about: 'registrations an address may make in an hour', otherwise: '20' },
  PASSWORD_MIN_LENGTH: { about: 'characters a password has at least', otherwise: '8' },
  CORS_ORIGINS: {
    about: 'origins of browser clients, separated by commas',
    otherwise: 'http://localhost:3000, in production none',
  },
  TRUST_PROXY: { about: 'how many proxies stand in front', otherwise: '0' },
  STORE_TIMEZONE: { about: "the shop's time zone", otherwise: 'America/Los_Angeles' },
  UPLOADS_DIR: { about: 'where files go', otherwise: 'data/uploads' },
  FILES: {
    about: 'where files are kept instead: s3://bucket/prefix?endpoint=…&region=…',
    otherwise: 'UPLOADS_DIR',
  },
  S3_ACCESS_KEY_ID: { about: 'the key of that bucket', otherwise: 'AWS_ACCESS_KEY_ID' },
  S3_SECRET_ACCESS_KEY: { about: 'its secret', otherwise: 'AWS_SECRET_ACCESS_KEY' },
  DOCS: { about: 'on or off: /docs and /openapi.json', otherwise: 'on, in production off' },
  AUDIT_RETENTION: {
    about: 'how long entries of the audit trail are kept, such as 365d',
    otherwise: 'for ever',
  },
  LOG_LEVEL: { about: 'trace, debug, info, warn, error, fatal or silent', otherwise: 'info' },
})
