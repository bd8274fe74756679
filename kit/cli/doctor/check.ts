import type { Environment, ParsedConfig } from '#kit/core'
import type { Database } from '#kit/db'
import type { App } from '#kit/tool'

export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly text: string
  /** What to do about it. */
  readonly repair?: string
}

/** What is known when a check runs; undefined where an earlier check already says why it is not. */
export interface Facts {
  readonly environment: Environment
  readonly config: ParsedConfig | undefined
  readonly app: App | undefined
  /** The database, where there is one and it opens. */
  readonly database: Database | undefined
  readonly nowMs: number
}

/** One thing the doctor looks at. It changes nothing. */
export interface Check {
  readonly name: string
  readonly look: (facts: Facts) => Promise<readonly Finding[]> | readonly Finding[]
}

export function sound(text: string): Finding {
  return { level: 'ok', text }
}

export function doubtful(text: string, repair: string): Finding {
  return { level: 'warn', text, repair }
}

export function broken(text: string, repair: string): Finding {
  return { level: 'fail', text, repair }
}

/** The file that holds the data, where the database is one. */
export function dataFileOf(config: ParsedConfig): string | undefined {
  return 'file' in config.database ? config.database.file : undefined
}
