/** The tags of `If-Match` or `If-None-Match` (RFC 9110, 13.1); undefined where there is no such header. */
export function entityTagsOf(headers: Headers, name: 'if-match' | 'if-none-match') {
  return headers
    .get(name)
    ?.split(',')
    .map((tag) => tag.trim())
}

/** Whether what the caller has is this version already: compared weakly, as RFC 9110 says for reading. */
export function isKnown(headers: Headers, tag: string): boolean {
  const known = entityTagsOf(headers, 'if-none-match')
  return known?.some((one) => one === '*' || one.replace(/^W\//, '') === tag) ?? false
}
