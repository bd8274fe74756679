import type { Layout, TableLayout } from './layout.ts'

/** Puts tables behind those that they refer to; what refers in a circle is broken up where it is entered. */
export function orderByReferences(
  tables: readonly TableLayout[],
): Pick<Layout, 'tables' | 'circular'> {
  const waiting = [...tables]
  const placed: TableLayout[] = []
  const isPlaced = (name: string) => placed.some((table) => table.name === name)
  const isReady = (table: TableLayout) =>
    table.references.every((reference) => {
      const isElsewhere = !tables.some(({ name }) => name === reference.table)
      return reference.table === table.name || isElsewhere || isPlaced(reference.table)
    })
  while (waiting.length > 0) {
    const ready = waiting.findIndex(isReady)
    placed.push(...waiting.splice(Math.max(0, ready), 1))
  }
  return { tables: placed, circular: circularOf(placed) }
}

function circularOf(placed: readonly TableLayout[]): Layout['circular'] {
  return placed.flatMap((table, place) =>
    table.references
      .filter((reference) => placed.findIndex(({ name }) => name === reference.table) >= place)
      .map((reference) => ({ ...reference, from: table.name })),
  )
}
