import type { SignedIn } from '#kit/http'
import type { AnyModel } from '#kit/model'

/** Who has not taken this much yet when more comes is dropped. */
const mostWaiting = 64 * 1024

export interface ListenerOptions {
  readonly models: readonly AnyModel[]
  readonly actor: SignedIn
  readonly token: string
  /** The last event he had before. */
  readonly lastEventId: string | undefined
  /** Called once, when it is over. */
  readonly onGone: (listener: Listener) => void
}

const encoder = new TextEncoder()
const bytes = { highWaterMark: 0, size: (chunk?: Uint8Array) => chunk?.byteLength ?? 0 }

/** One caller who listens. What he does not take is held in bounds: then he is cut off, and comes back. */
export class Listener {
  readonly models: readonly AnyModel[]
  readonly token: string
  readonly lastEventId: string | undefined
  readonly stream: ReadableStream<Uint8Array>
  actor: SignedIn
  /** When it was last looked whether his token holds. */
  checkedMs: number
  readonly #onGone: (listener: Listener) => void
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor({ models, actor, token, lastEventId, onGone }: ListenerOptions, nowMs: number) {
    this.models = models
    this.actor = actor
    this.token = token
    this.lastEventId = lastEventId
    this.checkedMs = nowMs
    this.#onGone = onGone
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
          // So that the headers are sent.
          controller.enqueue(encoder.encode(':\n\n'))
        },
        cancel: () => {
          this.#leave()
        },
      },
      bytes,
    )
  }

  get isGone(): boolean {
    return this.#controller === undefined
  }

  follows({ name }: { readonly name: string }): boolean {
    return this.models.some((model) => model.name === name)
  }

  send(text: string): void {
    const controller = this.#controller
    if (!controller) return
    if (-(controller.desiredSize ?? 0) > mostWaiting) this.drop()
    else controller.enqueue(encoder.encode(text))
  }

  /** Ends the answer as if it was whole. */
  end(): void {
    this.#leave()?.close()
  }

  /** Cuts him off; what waits for him is forgotten. */
  drop(): void {
    this.#leave()?.error(new Error('The client takes too little.'))
  }

  #leave(): ReadableStreamDefaultController<Uint8Array> | undefined {
    const controller = this.#controller
    this.#controller = undefined
    if (controller) this.#onGone(this)
    return controller
  }
}
