/**
 * What is wrong: an entry is not as it was written, entries are gone, an entry stands where none was written, or the
 * head of a chain is not that of its entries.
 */
export type AuditFaultKind = 'altered' | 'missing' | 'inserted' | 'head'

export interface AuditFault {
  readonly kind: AuditFaultKind
  readonly chain: string
  readonly seq: number
  /** Undefined where there is no entry. */
  readonly id: string | undefined
  /** The whole of it for people. */
  readonly text: string
}

/** Where a fault is. */
export interface FaultPlace {
  readonly chain: string
  readonly seq: number
  readonly id?: string
}

export function faultOf(kind: AuditFaultKind, place: FaultPlace, why: string): AuditFault {
  const { chain, seq, id } = place
  const named = id === undefined ? '' : `${id} `
  const at = kind === 'head' ? `chain ${chain}` : `${named}(chain ${chain}, seq ${seq})`
  return { kind, chain, seq, id, text: `${kind}: ${at}: ${why}` }
}

const mostListed = 1000

/** Faults that were found; of very many only the first are kept. */
export interface FaultList {
  readonly listed: readonly AuditFault[]
  readonly count: number
  add(fault: AuditFault): void
}

export function createFaultList(): FaultList {
  const listed: AuditFault[] = []
  let count = 0
  return {
    listed,
    get count() {
      return count
    },
    add: (fault) => {
      count += 1
      if (listed.length < mostListed) listed.push(fault)
    },
  }
}
