import type { z } from 'zod'
import type { Config, Ids, Log, Problem, ProblemCode, ProblemKind, Source } from '#kit/core'
import type { Awaitable, BoundRepositories, RowChange } from '#kit/db'
import type { Access, Actor, AnyModel, NamedField, Page, Role, Row } from '#kit/model'
import type { CsvForm } from './csv/csv-form.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { Html } from './html/html.ts'
import type { Service, Use } from './service.ts'

export type RouteAccess = Exclude<Access, 'owner'>
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** An actor who is signed in. */
export interface SignedIn extends Actor {
  readonly id: string
  readonly role: Role
  readonly sessionId: string
  /** What the issuer of the token calls the actor, where that is not this server: a name for him in paths, too. */
  readonly subject?: string
}

/** Who a token speaks for. With `hold`, every route that does not say `onHold: 'allowed'` answers it. */
export interface Authenticated {
  readonly actor: SignedIn
  readonly hold?: Problem | undefined
}

/** Turns a bearer token into an actor. Throws `unauthenticated` with a detail of its own for each reason. */
export interface Authenticator {
  authenticate(token: string): Authenticated | Promise<Authenticated>
  /** Whom a committed change may have shut out: answers of his that go on are looked at again at once. */
  readonly mayEnd?: (change: RowChange) => ((actor: SignedIn) => boolean) | undefined
}

export type AuthenticatorService = Service<Authenticator>

/** How an answer is documented and encoded: one value for each form. */
export interface Result<T> {
  /** The wire form, for OpenAPI and the contract tests. */
  readonly schema: z.ZodType
  /** The model whose rows are shown, if it is one: its read policy bounds the route's access. */
  readonly model: AnyModel | undefined
  /** Single rows answer with an entity tag. */
  readonly hasEntityTag: boolean
  /** Its entity tag is that of one row among others: it says nothing of whether the answer is the same. */
  readonly tagsPart?: boolean
  readonly isPage: boolean
  readonly encode: (value: T) => unknown
  /** Another status than the route's, for some of its values: which one for this. */
  readonly status?: ValueStatus<T>
  /** `target` is the request's path and query. */
  readonly headers?: (value: T, target: string) => Readonly<Record<string, string>>
  /** How it is written as CSV, where it can be. */
  readonly csv?: CsvForm
  /** How it is written as a page to print, where it can be. */
  readonly print?: PrintForm
  /** Makes the answer itself, which is no JSON. */
  readonly raw?: RawForm<T>
  /** Where people are to be named in it. */
  readonly people?: readonly PeoplePart[]
}

/** An answer that is no JSON. */
export interface RawForm<T> {
  /** For documents. */
  readonly types: readonly string[]
  readonly toAnswer: (value: T, request: Pick<Exchange, 'method' | 'headers'>) => Awaitable<Answer>
}

/** Rows in an answer beside whose fields people are named. */
export interface PeoplePart {
  readonly fields: readonly NamedField[]
  /** The rows, in the answer's JSON form. */
  readonly rowsOf: (shown: unknown) => readonly Record<string, unknown>[]
}

/** A status that depends on what is answered. */
export interface ValueStatus<T> {
  /** What there can be beside the route's own. */
  readonly others: readonly (200 | 201)[]
  /** Undefined: the route's own. */
  readonly of: (value: T) => 200 | 201 | undefined
}

/** A body that is no JSON: the handler gets its bytes. */
export interface BodyForm {
  /** The media type, for documents. */
  readonly type: string
  /** More are `too_large`, as soon as that is known. */
  readonly mostBytes: number
  /** Throws `unsupported_media_type` for what says that it is something else. */
  readonly assertFits: (headers: Headers) => void
  /** JSON Schema of it, for documents. Default: a text. */
  readonly schema?: object
  /** It is not read beforehand: `prepare` gets a {@link BodyStream}, and bounds what it takes of it. */
  readonly isStreamed?: true
  /** How long the request may take, where the usual 30 s do not suffice. */
  readonly limitMs?: number
}

/** A body as it comes in. */
export interface BodyStream {
  readonly stream: ReadableStream<Uint8Array> | null
  readonly headers: Headers
}

/** How an answer is written as a page to print. */
export interface PrintForm {
  /** The page of an answer in its JSON form. */
  readonly toPage: (shown: unknown, scene: PrintScene) => PrintedPage
}

/** Where and when a page is printed. */
export interface PrintScene {
  /** The shop's. */
  readonly timeZone: string
  readonly nowMs: number
}

/** A page that runs no script and loads nothing. */
export interface PrintedPage {
  readonly title: string
  /** All of its CSS; elements have no `style` of their own. */
  readonly style: string
  readonly body: Html
}

export type ResultSpec = AnyModel | z.ZodType | Result<never>

/** What a handler must return for this result. */
export type ResultOf<R> =
  R extends Result<infer T>
    ? T
    : R extends AnyModel
      ? Row<R>
      : R extends z.ZodType
        ? z.input<R>
        : never

export type ParamSchemas = Readonly<Record<string, z.ZodType>>
type Values<S> = { readonly [K in keyof S]: S[K] extends z.ZodType ? z.output<S[K]> : never }

type PathParams<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | PathParams<`/${Rest}`>
  : P extends `${string}:${infer Name}`
    ? Name
    : never

type Body<B> = B extends z.ZodType ? z.output<B> : undefined

/** What both `prepare` and `handle` get. */
export interface RequestBase<A extends RouteAccess, P extends string, S, Q, B> {
  /** Path parameters: those with a schema as it answers, others as text. */
  readonly params: Values<S> & { readonly [K in Exclude<PathParams<P>, keyof S>]: string }
  readonly query: Values<Q>
  readonly body: Body<B>
  readonly actor: A extends 'anyone' ? Actor : SignedIn
  readonly db: BoundRepositories
  readonly use: Use
  readonly config: Config
  readonly ids: Ids
  readonly log: Log
  readonly nowMs: () => number
  readonly client: Client
  /** Adds headers to the answer, be it a success or a problem. */
  readonly addHeaders: (headers: Readonly<Record<string, string>>) => void
}

export interface Client {
  /** The address of the peer, or what the trusted proxies say. */
  readonly address: string
  readonly userAgent: string | null
  readonly requestId: string
}

type Dangerous<A extends RouteAccess, Y> = (A extends 'admin'
  ? {
      /** All rows, whoever owns them, removed ones too. */
      readonly everyone: BoundRepositories
    }
  : unknown) &
  (Y extends string
    ? {
        /** All rows, without an actor. */
        readonly system: BoundRepositories
      }
    : unknown)

export type PrepareRequest<A extends RouteAccess, P extends string, S, Q, B, Y> = RequestBase<
  A,
  P,
  S,
  Q,
  B
> &
  Dangerous<A, Y>

export type HandleRequest<
  A extends RouteAccess,
  P extends string,
  S,
  Q,
  B,
  Y,
  Prepared,
> = PrepareRequest<A, P, S, Q, B, Y> & {
  readonly prepared: Prepared
  /** Runs once the unit of work is on disk; not at all if it fails. */
  readonly afterCommit: (action: () => void) => void
}

export interface RouteSpec<A extends RouteAccess, P extends string, S, Q, B, R, Y, Prepared> {
  /** `task.complete`: the operation's id, one in the whole app. */
  readonly name: string
  readonly summary: string
  readonly description?: string
  readonly access: A
  readonly method: Method
  readonly path: P
  /** The path parameter that must be the actor's own id, or `me`; anything else is 403 before any look-up. */
  readonly self?: PathParams<P>
  readonly params?: S
  /** One schema a query parameter; each gets the text, or undefined. */
  readonly query?: Q
  readonly body?: B
  /** Instead of `body`, where it is no JSON. */
  readonly form?: BodyForm
  readonly result: R
  /** Default 200. */
  readonly status?: 200 | 201
  /** The problems it may answer beside those that follow from its declaration. */
  readonly problems?: readonly (ProblemCode | ProblemKind)[]
  /** Why this route works without an actor's policies. Gives the handler `system`. */
  readonly system?: Y
  /**
   * The model whose row `params.id` names, where the result does not say it: for `If-Match`. Where the path names it in
   * another way, `If-Match` guards whichever row of the model is changed.
   */
  readonly entity?: AnyModel
  /** Whether it answers a caller who must first do something else (change a temporary password). */
  readonly onHold?: 'allowed'
  /** Before the unit of work, reading only: hashing, outbound calls. What it returns is `prepared`. */
  readonly prepare?: (request: PrepareRequest<A, P, S, Q, B, Y>) => Promise<Prepared> | Prepared
  /**
   * For GET: reads. For every other method: one unit of work, rolled back whole when it throws; it awaits nothing
   * but `db`.
   */
  readonly handle: (
    request: HandleRequest<A, P, S, Q, B, Y, Prepared>,
  ) => Promise<ResultOf<NoInfer<R>>> | ResultOf<NoInfer<R>>
  /** Gives up what `prepare` made outside of the database, where the unit failed with this error. Throws nothing. */
  readonly abandon?: (prepared: Prepared, error: unknown) => void
}

/** A declared route, its types forgotten. */
export interface Route {
  readonly name: string
  readonly summary: string
  readonly description: string | undefined
  readonly access: RouteAccess
  readonly method: Method
  readonly path: string
  readonly self: string | undefined
  readonly params: ParamSchemas
  readonly query: ParamSchemas
  readonly body: z.ZodType | undefined
  readonly form: BodyForm | undefined
  readonly result: Result<unknown>
  readonly status: number
  readonly problems: readonly ProblemKind[]
  readonly system: string | undefined
  readonly entity: AnyModel | undefined
  readonly isAllowedOnHold: boolean
  readonly prepare: ((request: never) => unknown) | undefined
  readonly handle: (request: never) => unknown
  readonly abandon: ((prepared: never, error: unknown) => void) | undefined
  readonly source: Source
}

export type PageOf<M extends AnyModel> = Page<Row<M>>

/** What the edge must know of a tool. */
export interface HttpTool {
  readonly name: string
  /** The status of invalid input. */
  readonly invalid: number
  readonly routes: readonly Route[]
}
