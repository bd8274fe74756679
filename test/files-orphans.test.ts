import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { removeOrphans } from '#kit/files'
import { eachDialect, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'
import { createPhotoClient, type PhotoClient } from './photo-client.ts'
import { photos } from './photo-tool.ts'

const hourMs = 60 * 60_000

eachDialect('files that no row holds', (dialect) => {
  let app: TestApp
  let client: PhotoClient
  beforeAll(async () => {
    app = await testApp([accounts, photos], { dialect })
    client = createPhotoClient(app)
  })
  afterAll(() => app.close())

  async function leave(key: string): Promise<void> {
    const path = join(app.config.uploadsDir, key)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, 'left')
  }

  /** Cleans as if it were so much later: the files' times are the machine's. */
  function cleanAt(laterMs: number) {
    const { context } = app.opened
    const clock = { ...context.clock, nowMs: () => Date.now() + laterMs }
    return removeOrphans({ ...context, clock })
  }

  test('are left where no row holds any: the folder may be of another database', async () => {
    await leave('photos/77/image/lost')
    expect(await cleanAt(2 * hourMs)).toEqual({ held: 0, removed: 0, left: 1 })
  })

  test('go after an hour, those of rows stay, and those of nobody we know', async () => {
    const { image } = await client.newImage()
    await leave('strangers/1/image/other')
    await leave('photos/1/title/other')
    await leave('photos/x/image/other')
    expect(await cleanAt(0)).toEqual({ held: 0, removed: 0, left: 0 })
    expect(await cleanAt(2 * hourMs)).toEqual({ held: 1, removed: 1, left: 0 })
    expect((await client.keys()).map((key) => key.split('/').at(-1))).toEqual(
      expect.arrayContaining(['other', image.url.split('v=')[1]]),
    )
    expect(await client.keys()).toHaveLength(4)
  })

  test('are left where there are too many to believe it', async () => {
    for (let count = 0; count < 11; count += 1) await leave(`photos/${count + 100}/image/lost`)
    expect(await cleanAt(2 * hourMs)).toEqual({ held: 1, removed: 0, left: 11 })
  })
})
