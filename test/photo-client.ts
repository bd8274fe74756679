import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileKeeper } from '#kit/files'
import type { FileValue } from '#kit/model'
import type { TestApp } from '#kit/testing'

/** A picture of one dot. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

export interface PhotoRow {
  readonly id: number
  readonly title: string
  readonly image: FileValue | null
  readonly note: FileValue | null
}

type WithImage = PhotoRow & { readonly image: FileValue }

interface Sending {
  readonly as?: string
  readonly name?: string
  readonly part?: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

type Init = RequestInit & { readonly as?: string }

/** Sends files to an app of photos, and looks at what it keeps. */
export function createPhotoClient(app: TestApp) {
  const send = async (path: string, { as = 'user', ...rest }: Init = {}): Promise<Response> => {
    const headers = new Headers(rest.headers)
    headers.set('authorization', `Bearer ${(await app.as(as)).token}`)
    return app.opened.http.fetch(new Request(`http://localhost${path}`, { ...rest, headers }))
  }

  const put = (path: string, bytes: string | Uint8Array<ArrayBuffer>, sending: Sending = {}) => {
    const { as = 'user', name = 'cup.png', part = 'file', type = 'image/png', headers } = sending
    const body = new FormData()
    body.append(part, new File([bytes], name, { type }))
    return send(path, { as, method: 'PUT', body, ...(headers ? { headers } : {}) })
  }

  const newPhoto = async (): Promise<PhotoRow> => {
    const { body } = await app.request<PhotoRow>('user', 'POST /api/photos', { title: 'Cup' })
    return body
  }

  const newImage = async (): Promise<WithImage> => {
    const { id } = await newPhoto()
    const response = await put(`/api/photos/${id}/image`, png)
    return response.json() as Promise<WithImage>
  }

  /** The files there are, once what follows a commit is done. */
  const keys = async (): Promise<string[]> => {
    await app.opened.context.use(fileKeeper).idle()
    const folder = app.config.uploadsDir
    // Without a file there is no folder.
    await mkdir(folder, { recursive: true })
    const names = await readdir(folder, { recursive: true, withFileTypes: true })
    return names
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name))
      .sort()
  }

  const filesOf = async ({ id }: { readonly id: number }): Promise<string[]> =>
    (await keys()).filter((key) => key.includes(`/photos/${id}/`))

  return Object.freeze({ send, put, newPhoto, newImage, keys, filesOf })
}

export type PhotoClient = ReturnType<typeof createPhotoClient>
