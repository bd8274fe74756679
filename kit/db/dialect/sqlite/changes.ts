import type { ChangeWatcher, RowChange, Watching } from '../../changes/row-change.ts'
import type { Statement } from '../../types.ts'
import type { SqliteConnection } from './connection.ts'

const lookEveryMs = 250

/** Another number once another connection has committed. */
const dataVersion: Statement = Object.freeze({ sql: 'PRAGMA data_version', slots: [] })

/**
 * Tells what this process has committed. That another one has (a command beside the server), is seen by the file; what
 * it was, is not.
 */
export class SqliteChanges {
  readonly #writer: SqliteConnection
  readonly #watchers = new Set<ChangeWatcher>()
  #timer: ReturnType<typeof setInterval> | undefined
  #version: unknown

  /** The writing connection: to it alone all commits of this process are its own. */
  constructor(writer: SqliteConnection) {
    this.#writer = writer
  }

  watch(watcher: ChangeWatcher): Watching {
    this.#watchers.add(watcher)
    if (this.#timer === undefined) {
      this.#version = this.#readVersion()
      this.#timer = setInterval(() => this.look(), lookEveryMs)
      this.#timer.unref()
    }
    return {
      close: async () => {
        this.#watchers.delete(watcher)
        if (this.#watchers.size === 0) this.close()
      },
    }
  }

  publish(changes: readonly RowChange[]): void {
    if (this.#watchers.size === 0 || changes.length === 0) return
    const committed = { id: Bun.randomUUIDv7(), changes }
    for (const { onCommitted } of this.#watchers) onCommitted(committed)
  }

  /** For what was written past all units. */
  tellGap(): void {
    for (const { onGap } of this.#watchers) onGap()
  }

  /** Looks whether others have committed. */
  look(): void {
    const version = this.#readVersion()
    if (version === this.#version) return
    this.#version = version
    this.tellGap()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #readVersion(): unknown {
    return this.#writer.all(dataVersion, [])[0]?.['data_version']
  }
}
