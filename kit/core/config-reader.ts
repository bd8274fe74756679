/** What is wrong with one variable of the environment. Never holds the value of a secret. */
export interface ConfigFault {
  readonly variable: string
  /** What is wrong. A sentence. */
  readonly problem: string
  /** What to do about it. A sentence. */
  readonly repair: string
}

export function formatConfigFault(fault: ConfigFault): string {
  return `${fault.variable}: ${fault.problem} ${fault.repair}`
}

export type Environment = Readonly<Record<string, string | undefined>>

/** A value, or what is wrong with the text and how to mend it. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string; readonly repair: string }

export function accept<T>(value: T): Reading<T> {
  return { ok: true, value }
}

export function refuse(problem: string, repair: string): Reading<never> {
  return { ok: false, problem, repair }
}

/** Reads a variable's text, which is never empty. */
export type ReadText<T> = (text: string) => Reading<T>

/**
 * Reads variables of an environment and collects what is wrong with them. Of several names the first
 * that is set counts; an empty one is not set.
 */
export interface ConfigReader {
  /** The name and trimmed text of the first of these variables that is set. */
  find(names: readonly string[]): { readonly name: string; readonly text: string } | undefined
  /** What `readText` makes of the first that is set; the fallback where none is, or where it is at fault. */
  read<T, D>(names: readonly string[], readText: ReadText<T>, fallback: D): T | D
  /** The text of this variable as it is, not trimmed. Undefined where it is empty. */
  raw(name: string): string | undefined
  fault(variable: string, problem: string, repair: string): void
  readonly faults: readonly ConfigFault[]
}

export function createConfigReader(environment: Environment): ConfigReader {
  const faults: ConfigFault[] = []
  const fault = (variable: string, problem: string, repair: string) => {
    faults.push({ variable, problem, repair })
  }
  const find = (names: readonly string[]) => {
    for (const name of names) {
      const text = environment[name]?.trim()
      if (text) return { name, text }
    }
    return undefined
  }
  return {
    faults,
    fault,
    find,
    raw: (name) => environment[name] || undefined,
    read: (names, readText, fallback) => {
      const found = find(names)
      if (found === undefined) return fallback
      const reading = readText(found.text)
      if (reading.ok) return reading.value
      fault(found.name, reading.problem, reading.repair)
      return fallback
    },
  }
}
