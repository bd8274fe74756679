import { statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { broken, type Check, dataFileOf, doubtful, sound } from './check.ts'
import { nearestFolder } from './permissions.ts'

const mebibyte = 2 ** 20
const tooLittle = 64 * mebibyte
const little = 1024 * mebibyte

export const diskCheck: Check = {
  name: 'disk',
  look: ({ config }) => {
    const file = config && dataFileOf(config)
    if (file === undefined) return []
    const folder = nearestFolder(dirname(resolve(file)))
    const { bavail, bsize } = statfsSync(folder)
    const free = bavail * bsize
    const text = `${Math.floor(free / mebibyte)} MiB free for ${folder}`
    if (free < tooLittle) return [broken(text, 'Make room: with a full disk nothing is written.')]
    return free < little ? [doubtful(text, 'Make room soon.')] : [sound(text)]
  },
}
