import type { FileValue } from '#kit/model'

/** Where a file belongs. */
export interface FilePlace {
  readonly table: string
  readonly id: string
  readonly field: string
}

const part = /^[A-Za-z0-9_-]{1,100}$/

/** The key of a file. No part of it was ever chosen by a caller. */
export function fileKey({ table, id, field }: FilePlace, version: string): string {
  const parts = [table, id, field, version]
  const wrong = parts.find((each) => !part.test(each))
  if (wrong !== undefined) throw new TypeError(`"${wrong}" cannot be a part of a file's key.`)
  return parts.join('/')
}

/** The place and version of a key; undefined where it is none of ours. */
export function readFileKey(key: string): (FilePlace & { readonly version: string }) | undefined {
  const parts = key.split('/')
  const [table, id, field, version] = parts
  if (parts.length !== 4 || !parts.every((each) => part.test(each))) return undefined
  if (!table || !id || !field || !version) return undefined
  return { table, id, field, version }
}

/** The version that a row's value names: the last part of its key, and its entity tag. */
export function versionOf({ url }: FileValue): string {
  return url.slice(url.lastIndexOf('?v=') + 3)
}

export function keyOf(place: FilePlace, value: FileValue): string {
  return fileKey(place, versionOf(value))
}
