/** `created_at` → `Created at`: what a person reads. */
export function labelOf(name: string): string {
  const words = name.replaceAll(/[_-]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
