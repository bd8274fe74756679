import type { AnyModel, ListOptions, Page, RemoveOptions, Where } from '#kit/model'
import type { BoundTo } from '../bound-to.ts'
import type { ColumnRow } from '../types.ts'
import { type BoundModel, type Id, type Patch, scopeFor } from './bound-model.ts'
import { changeMany } from './change-many.ts'
import { changeRow, type Rule } from './change-row.ts'
import { createMany } from './create-many.ts'
import { createRow } from './create-row.ts'
import { listRows } from './list-rows.ts'
import { planOf } from './model-plan.ts'
import { putRow } from './put-row.ts'
import { countRows, findRow, getRow } from './read-rows.ts'
import { removeMany, removeRow, restoreRow } from './remove-rows.ts'

type Loose = Where<AnyModel>

/** The rows of one model in one scope, for the time of one request or unit. */
export class BoundRepository {
  readonly #bound: BoundModel

  constructor(model: AnyModel, { database, binding, scoping }: BoundTo) {
    const { dialect, models } = database
    this.#bound = { plan: planOf(model, dialect), binding, scoping, models }
  }

  async list(options: ListOptions<AnyModel> = {}): Promise<Page<ColumnRow>> {
    const { plan, binding } = this.#bound
    const scope = scopeFor(this.#bound, 'read')
    const page = listRows(plan, binding.executor, { scope, options })
    return page instanceof Promise ? await page : page
  }

  find(key: Id | Loose): Promise<ColumnRow | undefined> {
    return findRow(this.#bound, key)
  }

  get(key: Id | Loose): Promise<ColumnRow> {
    return getRow(this.#bound, key)
  }

  count(where?: Loose): Promise<number> {
    return countRows(this.#bound, where)
  }

  create(input: Patch): Promise<ColumnRow> {
    return createRow(this.#bound, input)
  }

  createMany(inputs: readonly Patch[]): Promise<ColumnRow[]> {
    return createMany(this.#bound, inputs)
  }

  change(id: Id, patch: Patch | Rule): Promise<ColumnRow> {
    return changeRow(this.#bound, id, patch)
  }

  changeMany(where: Loose, patch: Patch): Promise<number> {
    return changeMany(this.#bound, where, patch)
  }

  put(key: Patch, input: Patch = {}): Promise<ColumnRow> {
    return putRow(this.#bound, key, input)
  }

  remove(id: Id, options?: RemoveOptions): Promise<ColumnRow> {
    return removeRow(this.#bound, id, options)
  }

  removeMany(where: Loose, options?: RemoveOptions): Promise<number> {
    return removeMany(this.#bound, where, options)
  }

  restore(id: Id): Promise<ColumnRow> {
    return restoreRow(this.#bound, id)
  }
}
