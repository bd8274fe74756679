import type { AnyModel, FieldsOf, IdOf, Input, Patch, Row } from './model.ts'

type Comparable<V> = {
  readonly eq?: V
  readonly ne?: V
  readonly gt?: V
  readonly gte?: V
  readonly lt?: V
  readonly lte?: V
  readonly in?: readonly V[]
}

/** Conditions on fields, all of which a row must meet. A bare value means equality. */
export type Where<M extends AnyModel> = {
  readonly [K in keyof FieldsOf<M> & keyof Row<M>]?: Row<M>[K] | Comparable<Row<M>[K]> | undefined
}

/** A field's name, or `-` and its name for descending. */
export type Sort<M extends AnyModel> =
  | (keyof FieldsOf<M> & string)
  | `-${keyof FieldsOf<M> & string}`

export interface ListOptions<M extends AnyModel> {
  readonly where?: Where<M> | undefined
  /** Rows in whose text fields (those named in `searchIn`) this occurs, A–Z and a–z being the same. */
  readonly search?: string | undefined
  readonly searchIn?: readonly (keyof FieldsOf<M> & string)[] | undefined
  /** Default: newest first. */
  readonly sort?: Sort<M> | undefined
  /** 1–100 rows, 50 by default. */
  readonly limit?: number | undefined
  /** `next` of an earlier page of the same sort. */
  readonly cursor?: string | undefined
  /** Counts all rows that fit, too. */
  readonly count?: boolean | undefined
}

/** One page of rows; `next` is the cursor of the one after it, undefined on the last. */
export interface Page<T> {
  readonly rows: readonly T[]
  readonly next: string | undefined
  /** How many fit in all, where that was asked for. */
  readonly total: number | undefined
}

export interface RemoveOptions {
  /** Rows of a model with `softDelete` are removed for good. Only for `everyone` and `system`. */
  readonly forGood?: boolean | undefined
}

/** Values of fields, all of them given. */
export type KeyOf<M extends AnyModel> = {
  readonly [K in keyof FieldsOf<M> & keyof Row<M>]?: Row<M>[K]
}

/**
 * The rows of a model that the actor may reach; the policy is part of every statement. A row that is
 * another's does not exist here. Where the actor may not use the model at all, every call throws `forbidden`
 * (`unauthenticated` if nobody is signed in). With `softDelete`, removed rows do not exist either.
 */
export interface Repository<M extends AnyModel> {
  list(options?: ListOptions<M>): Promise<Page<Row<M>>>
  /** The row with this id, or the first one that meets the conditions. */
  find(key: IdOf<M> | Where<M>): Promise<Row<M> | undefined>
  /** As `find`. Throws `not_found`. */
  get(key: IdOf<M> | Where<M>): Promise<Row<M>>
  /** Stores a new row, its owner the actor. Throws `invalid`, `conflict` (unique, reference). */
  create(input: Input<M>): Promise<Row<M>>
  /** Stores many new rows, all or none, in few statements; answers them in the order of the inputs. */
  createMany(inputs: readonly Input<M>[]): Promise<Row<M>[]>
  /**
   * Reads the row, applies the patch or the pure rule, validates, writes: in one unit of work, so that
   * no update is lost. Where the row holds these values already, nothing is written and `updated_at` stays.
   * Throws `not_found`, `invalid`, `conflict`, `stale` (where `If-Match` was sent).
   */
  change(id: IdOf<M>, patch: Patch<M> | ((row: Row<M>) => Patch<M>)): Promise<Row<M>>
  /** Changes all rows that meet the conditions. Answers how many of them did not hold these values yet. */
  changeMany(where: Where<M>, patch: Patch<M>): Promise<number>
  /**
   * Creates the row with these values of a unique index, or changes the one that there is to the input; of that one,
   * what the input does not name stays. Two at once make one row. Throws `invalid`, and `conflict` where a row that
   * the actor does not reach has the key.
   */
  put<K extends KeyOf<M>>(key: K, input: Omit<Input<M>, keyof K>): Promise<Row<M>>
  /**
   * Removes the row: for good, or with `softDelete` until it is restored. Answers the row as it was. Rows that refer
   * to it with `cascade` or `set null` are removed or changed first when it goes for good.
   */
  remove(id: IdOf<M>, options?: RemoveOptions): Promise<Row<M>>
  /** Removes all rows that meet the conditions, as `remove` does. Answers how many there were. */
  removeMany(where: Where<M>, options?: RemoveOptions): Promise<number>
  /** Brings back a softly removed row. Throws `not_found` where there is none. */
  restore(id: IdOf<M>): Promise<Row<M>>
  count(where?: Where<M>): Promise<number>
}

/** Repositories of any model, bound to one actor. */
export type Repositories = <M extends AnyModel>(model: M) => Repository<M>
