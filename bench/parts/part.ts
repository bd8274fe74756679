import type { Bench } from '../contest.ts'
import type { Finding } from '../finding.ts'

/** One part of the bench: it starts what it needs, and stops it. */
export type Part = (bench: Bench) => Promise<Finding[]>
