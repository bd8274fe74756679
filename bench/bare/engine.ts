import type { Claims, Tokens } from './tokens.ts'

type Answer = Response | Promise<Response>

export interface EngineOptions {
  readonly url: string
  /** How writes are committed; each engine has its own ways. */
  readonly commit: string
  readonly tokens: Tokens
}

/** What the routes need, made by hand for one engine. */
export interface Engine {
  readonly accounts: {
    readonly authenticate: (request: Request, named: string | undefined) => Claims | Promise<Claims>
    readonly login: (request: Request) => Answer
    readonly refresh: (request: Request) => Answer
  }
  readonly tasks: {
    readonly find: (userId: string, id: string) => Answer
    readonly list: (userId: string, url: string) => Answer
    readonly create: (userId: string, request: Request) => Answer
  }
  readonly close: () => void | Promise<void>
}
