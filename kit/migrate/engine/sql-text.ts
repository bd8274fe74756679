import { type DialectName, type FieldKind, fieldKinds } from '#kit/model'

/** A name in SQL. Names of ours are snake_case, checked where they come in; quoting keeps keywords apart. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** The kind of this name. Throws TypeError where there is none. */
export function kindOf(name: string): FieldKind {
  const kind = fieldKinds[name]
  if (!kind) throw new TypeError(`There is no kind of field "${name}".`)
  return kind
}

/** A value of this kind, as the engine spells it in SQL. */
export function literal(dialect: DialectName, kind: string, value: unknown): string {
  if (value === null) return 'NULL'
  const encode = kindOf(kind).encode?.[dialect]
  const encoded = encode ? encode(value) : value
  return typeof encoded === 'number' || typeof encoded === 'boolean'
    ? String(encoded)
    : quoteText(String(encoded))
}
