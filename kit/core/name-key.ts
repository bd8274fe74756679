/**
 * What two names have in common that are the same to people, whatever their case: trimmed, lower case, in Unicode's
 * composed form. Made here and not by a database, since engines differ in what they hold for lower case.
 */
export function nameKey(name: string): string {
  return name.trim().normalize('NFC').toLowerCase().normalize('NFC')
}
