import { Script } from 'node:vm'

// The types of Bun do not know it yet; it is what `bun repl` itself is made of.
const transpiler = new Bun.Transpiler({ loader: 'ts', replMode: true } as Bun.TranspilerOptions)

export type Compiled =
  | { readonly state: 'ready'; readonly script: Script }
  /** Something is still open: a bracket, a template. */
  | { readonly state: 'incomplete' }
  | { readonly state: 'wrong'; readonly fault: string }

/** Makes of a line of the shell what can be run: `await` may stand anywhere, and what is declared stays. */
export function compile(text: string): Compiled {
  try {
    return { state: 'ready', script: new Script(transpiler.transformSync(text)) }
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error)
    return /end of file|unterminated/i.test(fault)
      ? { state: 'incomplete' }
      : { state: 'wrong', fault }
  }
}

/** Runs it among the names of this process and answers the value of its last expression, awaited. */
export async function evaluate(script: Script): Promise<unknown> {
  const result: unknown = await script.runInThisContext()
  return hasValue(result) ? await result.value : undefined
}

function hasValue(result: unknown): result is { readonly value: unknown } {
  return typeof result === 'object' && result !== null && 'value' in result
}
