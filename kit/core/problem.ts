/** What a class of problems looks like on the wire: RFC 9457's `status` and `title`, and our `code`. */
export interface ProblemKind {
  readonly code: string
  readonly status: number
  readonly title: string
}

/** The problems every part of the kit may answer. A tool declares its own with {@link defineProblem}. */
export const problemKinds = Object.freeze({
  malformed: { code: 'malformed', status: 400, title: 'Malformed request' },
  unauthenticated: { code: 'unauthenticated', status: 401, title: 'Not authenticated' },
  forbidden: { code: 'forbidden', status: 403, title: 'Forbidden' },
  not_found: { code: 'not_found', status: 404, title: 'Not found' },
  method_not_allowed: { code: 'method_not_allowed', status: 405, title: 'Method not allowed' },
  conflict: { code: 'conflict', status: 409, title: 'Conflict' },
  gone: { code: 'gone', status: 410, title: 'Gone' },
  stale: { code: 'stale', status: 412, title: 'Changed in the meantime' },
  too_large: { code: 'too_large', status: 413, title: 'Too large' },
  unsupported_media_type: {
    code: 'unsupported_media_type',
    status: 415,
    title: 'Unsupported media type',
  },
  invalid: { code: 'invalid', status: 422, title: 'Invalid input' },
  rate_limited: { code: 'rate_limited', status: 429, title: 'Too many attempts' },
  internal: { code: 'internal', status: 500, title: 'Internal error' },
  unavailable: { code: 'unavailable', status: 503, title: 'Unavailable' },
} as const satisfies Record<string, ProblemKind>)

export type ProblemCode = keyof typeof problemKinds

/** Declares a problem that a tool may answer beside the kit's own. */
export function defineProblem(code: string, status: number, title: string): ProblemKind {
  return Object.freeze({ code, status, title })
}

/** One fault of an input. `path` is dotted (`items.3.code`); empty where the whole input is meant. */
export interface Fault {
  readonly path: string
  readonly code: string
  readonly message: string
}

export interface ProblemOptions {
  readonly errors?: readonly Fault[]
  readonly cause?: unknown
  /** Response headers that belong to the problem, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the answer, for the caller's program: which session stands in the way, until when. */
  readonly members?: ProblemMembers
}

export type ProblemMembers = Readonly<Record<string, string | number | boolean | null>>

/**
 * A refusal, thrown. `detail` is written for the caller: what is wrong and what to do. It must
 * hold nothing internal; that goes to `cause`, which is only logged.
 */
export class Problem extends Error {
  readonly kind: ProblemKind
  readonly detail: string
  readonly errors: readonly Fault[] | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly members: ProblemMembers | undefined

  constructor(code: ProblemCode | ProblemKind, detail?: string, options: ProblemOptions = {}) {
    const kind = typeof code === 'string' ? problemKinds[code] : code
    const text = detail ?? `${kind.title}.`
    super(text, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Problem'
    this.kind = kind
    this.detail = text
    this.errors = options.errors
    this.headers = options.headers
    this.members = options.members
  }
}

/** The problem of an input with these faults. */
export function invalidInput(errors: readonly Fault[]): Problem {
  const detail = errors.map((fault) =>
    fault.path ? `${fault.path}: ${fault.message}` : fault.message,
  )
  return new Problem('invalid', detail.join(' '), { errors })
}
