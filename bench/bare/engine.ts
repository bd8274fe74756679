import type { Tokens } from './tokens.ts'

type Answer = Response | Promise<Response>

/** Who is asking. */
export interface Caller {
  readonly userId: string
  readonly role: string
}

export interface EngineOptions {
  readonly url: string
  /** How writes are committed; each engine has its own ways. */
  readonly commit: string
  /** Whether counts at the display are checked and recorded as Plinth does it. */
  readonly isAudited: boolean
  readonly tokens: Tokens
}

/** What the routes need, made by hand for one engine. */
export interface Engine {
  readonly accounts: {
    readonly authenticate: (request: Request) => Caller | Promise<Caller>
    readonly login: (request: Request) => Answer
    readonly refresh: (request: Request) => Answer
  }
  readonly tasks: {
    readonly find: (userId: string, id: string) => Answer
    readonly list: (userId: string, url: string) => Answer
    readonly create: (userId: string, request: Request) => Answer
  }
  readonly shop: {
    readonly count: (userId: string, sessionId: string, request: Request) => Answer
    readonly pullList: (userId: string, sessionId: string) => Answer
  }
  readonly close: () => void | Promise<void>
}
