/** A strong entity tag (RFC 9110, 8.8.3) of a serialized body: equal bodies have equal tags. */
export function entityTag(text: string): string {
  return `"${Bun.hash.xxHash3(text).toString(16)}"`
}
