import type { Log } from '#kit/core'
import { StartError } from '../start-error.ts'
import type { WorkerProcess } from './worker-process.ts'

/** Those who stop get as long as they take at most; who still runs then is killed. Orchestrators wait for 10 s. */
const stopMs = 9500
const shortestPauseMs = 250
const longestPauseMs = 30_000
/** Who has served so long did not die of how it was started. */
const wellAfterMs = 60_000

export interface WorkerGroupOptions {
  readonly count: number
  readonly spawn: () => WorkerProcess
  readonly log: Log
}

/** Processes that serve together. One that dies is replaced, ever more slowly where that does not help. */
export class WorkerGroup {
  readonly #options: WorkerGroupOptions
  readonly #running = new Set<WorkerProcess>()
  readonly #stopping = Promise.withResolvers<void>()
  readonly #lost = Promise.withResolvers<never>()
  #isStopping = false
  #hasStarted = false
  #serving = 0

  constructor(options: WorkerGroupOptions) {
    this.#options = options
    // Whoever waits for it hears of it; while nobody does it is no fault of this process.
    this.#lost.promise.catch(() => {})
  }

  /** Rejects with StartError when no worker serves any more and none can be started. */
  get lost(): Promise<never> {
    return this.#lost.promise
  }

  /**
   * The line of a worker that is ready, once all are. The first is alone until then: what keeps it from starting is
   * told once, and what is done at a first start is done. Rejects as `lost` does where one does not start.
   */
  async start(): Promise<string> {
    const line = await this.#open()
    const others = Array.from({ length: this.#options.count - 1 }, () => this.#open())
    await Promise.all(others)
    this.#hasStarted = true
    return line
  }

  /** Lets all finish what they do, then kills those who have not ended. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#stopping.resolve()
    const late = setTimeout(() => {
      this.#options.log.error({ workers: this.#running.size }, 'workers did not stop in time')
      this.kill()
    }, stopMs)
    for (const worker of this.#running) worker.end('SIGTERM')
    await Promise.all([...this.#running].map(({ ended }) => ended))
    clearTimeout(late)
  }

  kill(): void {
    this.#isStopping = true
    for (const worker of this.#running) worker.end('SIGKILL')
  }

  /** Opens one place, which is filled until we stop. The answer: the line of its first worker. */
  #open(): Promise<string> {
    const first = Promise.withResolvers<string>()
    void this.#fill(first.resolve)
    return Promise.race([first.promise, this.#lost.promise])
  }

  async #fill(onReady: (line: string) => void): Promise<void> {
    for (let deaths = 0; !this.#isStopping; ) {
      const sinceMs = performance.now()
      const ending = await this.#run(onReady)
      if (this.#isStopping) return
      if (!ending.hasServed && (!this.#hasStarted || this.#serving === 0))
        return this.#giveUp(ending.how)
      deaths = performance.now() - sinceMs > wellAfterMs ? 0 : deaths + 1
      const pauseMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** deaths)
      this.#options.log.error(
        { pid: ending.pid, ending: ending.how, pauseMs },
        'a worker ended; another one is started',
      )
      await this.#pause(pauseMs)
    }
  }

  /** One worker, from its start to its end. */
  async #run(onReady: (line: string) => void) {
    const worker = this.#options.spawn()
    const { pid } = worker
    this.#running.add(worker)
    const line = await worker.ready
    if (line !== undefined) {
      this.#serving += 1
      onReady(line)
    }
    const how = await worker.ended
    this.#running.delete(worker)
    if (line !== undefined) this.#serving -= 1
    return { pid, how, hasServed: line !== undefined }
  }

  #giveUp(how: string): void {
    const fault = `A worker did not start (${how}); its reason stands above.`
    this.#lost.reject(new StartError([fault]))
  }

  /** Shorter where we stop. */
  async #pause(ms: number): Promise<void> {
    const over = Promise.withResolvers<void>()
    const timer = setTimeout(over.resolve, ms)
    await Promise.race([over.promise, this.#stopping.promise])
    clearTimeout(timer)
  }
}
