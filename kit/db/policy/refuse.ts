/** A hand-written query that the policies cannot be applied to is a mistake of the program, found when it first runs. */
export function refuse(what: string): never {
  throw new TypeError(`db.query: ${what}`)
}
