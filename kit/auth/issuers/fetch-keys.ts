import type { JSONWebKeySet } from 'jose'

/** Why an issuer's keys could not be had: for the log, since it may name what is inside our network. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

export interface FetchKeysOptions {
  /** The whole of it, answer and body. Default: 5 s. */
  readonly timeoutMs?: number | undefined
  /** Default: 256 KiB, unpacked. */
  readonly mostBytes?: number | undefined
}

/** More keys than an issuer that rotates them has. */
const mostKeys = 100

/**
 * The keys an issuer publishes (RFC 7517, 5). Follows no redirection, since it would lead where the operator did not
 * say; waits no longer and reads no more than it is told. Rejects with KeysUnavailable.
 */
export async function fetchKeys(
  url: string,
  { timeoutMs = 5000, mostBytes = 256 * 1024 }: FetchKeysOptions = {},
): Promise<JSONWebKeySet> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      signal,
      redirect: 'manual',
      headers: { accept: 'application/jwk-set+json, application/json' },
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new KeysUnavailable(`It answers ${response.status}.`)
    }
    return toKeySet(await readText(response, mostBytes))
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error
    const reason = signal.aborted ? `It took more than ${timeoutMs} ms.` : 'It cannot be reached.'
    throw new KeysUnavailable(reason, { cause: error })
  }
}

async function readText({ body }: Response, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let count = 0
  // Leaving the loop cancels the rest.
  for await (const chunk of body ?? []) {
    count += chunk.length
    if (count > mostBytes) throw new KeysUnavailable(`It answers more than ${mostBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function toKeySet(text: string): JSONWebKeySet {
  const value = parsed(text)
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : null
  const isSet = Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null)
  if (!isSet) throw new KeysUnavailable('Its answer is no set of keys.')
  if (keys.length > mostKeys) throw new KeysUnavailable(`It answers more than ${mostKeys} keys.`)
  return { keys }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
