/** What the generator sends. A value of either kind becomes a source: see `sources.ts`. */
export type Feed =
  | {
      /** Whole HTTP/1.1 requests, sent in turn; each connection begins at another one. */
      readonly kind: 'cycle'
      readonly requests: readonly string[]
    }
  | {
      /** Each connection sends the refresh token that the last answer gave it. */
      readonly kind: 'refresh'
      readonly path: string
      readonly tokens: readonly string[]
    }

/** One load: from `connections` connections at once, each with one request on its way. */
export interface Job {
  readonly port: number
  readonly connections: number
  readonly feed: Feed
  /** The status that every answer must have. */
  readonly status: number
  readonly warmUpMs: number
  /** How long is measured; with `requests`, until so many are answered. */
  readonly measureMs: number
  readonly requests?: number | undefined
  /** The server's process, whose CPU time is read at both ends of the measurement. */
  readonly pid: number
}

/** What one load found. Times in milliseconds unless named otherwise. */
export interface LoadResult {
  readonly answered: number
  readonly seconds: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU time of the server for one request, in microseconds, all its threads; undefined off Linux. */
  readonly cpuUs: number | undefined
  /** The part of one core that the generator itself took: near 1, it was the limit and not the server. */
  readonly generatorLoad: number
  readonly failures: number
  /** The first answer with another status, for the eye. */
  readonly failure: string | undefined
  /** For a refresh feed: the token each connection holds now. */
  readonly tokens: readonly string[]
}
