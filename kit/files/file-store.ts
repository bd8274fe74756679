/** A file on the local disk that holds all that came, synced. */
export interface Spooled {
  readonly path: string
  readonly size: number
  readonly type: string
}

/** The bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface StoredKey {
  readonly key: string
  readonly changedMs: number
}

/**
 * Keeps files by keys, such as `items/5/picture/0190…`: parts of letters, digits, `_` and `-`. A file never changes;
 * another one has another key. Every method rejects with `unavailable` where the store does not do its work.
 */
export interface FileStore {
  /** Takes the spooled file over. Once this resolves it is there, whole, and stays there if the power fails. */
  put(key: string, file: Spooled): Promise<void>
  /** Those bytes; undefined where there is no such file. */
  read(key: string, range: ByteRange): Promise<Blob | ReadableStream<Uint8Array> | undefined>
  /** Does nothing where there is no such file. */
  remove(key: string): Promise<void>
  list(): AsyncIterable<StoredKey>
}
