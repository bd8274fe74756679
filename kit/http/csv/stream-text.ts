import type { Log } from '#kit/core'

const encoder = new TextEncoder()

/**
 * Sends texts as they are taken. It stops where the client leaves; where the texts fail, the connection is cut, so that
 * nobody takes what came for the whole.
 */
export function streamText(texts: AsyncGenerator<string>, log: Log): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { done, value } = await texts.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      } catch (error) {
        log.error({ err: error }, 'A list was cut off while it was sent.')
        controller.error(error)
      }
    },
    cancel: async () => {
      await texts.return(undefined)
    },
  })
}
