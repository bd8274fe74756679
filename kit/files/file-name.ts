import { mostInFileName } from '#kit/model'

/** Ends of names that mean the same type. */
const alike: Readonly<Record<string, readonly string[]>> = {
  jpg: ['jpg', 'jpeg', 'jpe', 'jfif'],
  tif: ['tif', 'tiff'],
  txt: ['txt', 'text', 'log', 'md', 'csv'],
  mp4: ['mp4', 'm4v'],
}

/** Controls, what turns the direction of writing, and what no file system of a reader takes. */
const harmful = /[\p{C}\u2028\u2029<>:"|?*\\/]/gu

/**
 * The name of a file as it may be shown and saved: no path, nothing invisible, and an end that fits what the file is, so
 * that a picture called `x.html` is saved as `x.html.png`.
 */
export function toFileName(given: string | undefined, extension: string): string {
  // Browsers write these three so within the quotes of the header.
  const plain = (given ?? '').replace(/%(?:22|0d|0a)/gi, '')
  const last = plain.normalize('NFC').split(/[\\/]/).at(-1) ?? ''
  const clean = last
    .toWellFormed()
    .replace(harmful, '')
    .replace(/^[\s.]+|[\s.]+$/g, '')
  const ending = clean.includes('.') ? clean.slice(clean.lastIndexOf('.') + 1).toLowerCase() : ''
  const fits = (alike[extension] ?? [extension]).includes(ending)
  const end = fits ? clean.slice(-ending.length - 1) : `.${extension}`
  const stem = fits ? clean.slice(0, -end.length) : clean
  return `${[...(stem || 'file')].slice(0, mostInFileName - end.length).join('')}${end}`
}

/** The header (RFC 6266): the name in ASCII for those who know no better, and as it is. */
export function dispositionOf(kind: 'inline' | 'attachment', name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}
