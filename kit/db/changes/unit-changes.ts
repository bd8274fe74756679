import type { RowChange } from './row-change.ts'

/** Of more rows in one unit it is only kept of which models they are: an import must not fill the memory. */
const mostRows = 1000

/** What one unit of work has written so far. */
export class UnitChanges {
  #rows: RowChange[] | undefined
  #models: Map<string, RowChange> | undefined

  note(change: RowChange): void {
    if (this.#models) {
      noteModel(this.#models, change)
      return
    }
    this.#rows ??= []
    this.#rows.push(change)
    if (this.#rows.length > mostRows) this.#keepModels(this.#rows)
  }

  get isEmpty(): boolean {
    return this.#rows === undefined && this.#models === undefined
  }

  get all(): readonly RowChange[] {
    return this.#models ? [...this.#models.values()] : (this.#rows ?? [])
  }

  clear(): void {
    this.#rows = undefined
    this.#models = undefined
  }

  #keepModels(rows: readonly RowChange[]): void {
    const models = new Map<string, RowChange>()
    for (const row of rows) noteModel(models, row)
    this.#models = models
    this.#rows = undefined
  }
}

function noteModel(models: Map<string, RowChange>, { model, action }: RowChange): void {
  models.set(`${model} ${action}`, { model, action, id: undefined, before: undefined })
}
