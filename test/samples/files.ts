import type { SampleOf, Samples, TestApp } from '#kit/testing'

/** Brings a picture of the account that will ask for it. */
const withPicture: SampleOf = async ({ opened }, account) => {
  const file = new FormData()
  file.append('file', new File([`GIF89a${' '.repeat(100)}`], 'me.gif'))
  const headers = { authorization: `Bearer ${account?.token}` }
  const url = 'http://localhost/api/users/me/picture'
  await opened.http.fetch(new Request(url, { method: 'PUT', headers, body: file }))
  return { path: `/api/users/${account?.id}/picture` }
}

/** Files must be there before they are sent or removed. */
export const fileSamples: Samples = {
  'user.picture.get': withPicture,
  'user.picture.remove': async (app: TestApp, account) => {
    await withPicture(app, account)
    return { path: '/api/users/me/picture' }
  },
}
