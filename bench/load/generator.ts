import { applyLoad } from './apply-load.ts'
import type { Job } from './job.ts'

// A process of its own, so that it can have a core of its own: the job comes in, the result goes out, as JSON.
const job: Job = await Bun.stdin.json()
const result = await applyLoad(job)
await Bun.write(Bun.stdout, JSON.stringify(result))
process.exit(0)
