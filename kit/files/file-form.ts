import { Problem } from '#kit/core'
import type { BodyForm, BodyStream } from '#kit/http'
import type { FileOptions } from '#kit/model'
import { uploadMs } from './file-keeper.ts'
import { partName } from './multipart.ts'

const multipart = /^multipart\/form-data\s*;.*boundary=/i

/** A body of one file, `file`, as a browser's form sends it. */
export function fileForm({ max }: FileOptions): BodyForm {
  return Object.freeze({
    type: 'multipart/form-data',
    mostBytes: max,
    schema: {
      type: 'object',
      properties: { [partName]: { type: 'string', contentEncoding: 'binary', maxLength: max } },
      required: [partName],
      additionalProperties: false,
    },
    isStreamed: true,
    // Its own limits end it before.
    limitMs: uploadMs + 30_000,
    assertFits: (headers: Headers) => {
      if (!multipart.test(headers.get('content-type') ?? ''))
        throw refused(
          `The body must be a form with one file: multipart/form-data, part "${partName}".`,
        )
      if (headers.get('content-encoding') !== null)
        throw refused('The body must not be compressed.')
    },
  } as const)
}

function refused(detail: string): Problem {
  return new Problem('unsupported_media_type', detail)
}

/** The body of a route with such a form. */
export function bodyOf(request: { readonly body: unknown }): BodyStream {
  return request.body as BodyStream
}
