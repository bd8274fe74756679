import { accept, type ReadText, refuse } from './config-reader.ts'
import { fromDuration } from './duration.ts'

export function oneOf<const T extends string>(choices: readonly T[]): ReadText<T> {
  return (text) => {
    const choice = choices.find((each) => each === text.toLowerCase())
    return choice === undefined
      ? refuse(`"${text}" is not known.`, `Set one of: ${choices.join(', ')}.`)
      : accept(choice)
  }
}

export function integerIn(min: number, max: number): ReadText<number> {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max
      ? accept(value)
      : refuse(`"${text}" is no whole number from ${min} to ${max}.`, 'Set one, in digits alone.')
  }
}

const longestMs = 10 * 365 * 86_400_000

export const duration: ReadText<number> = (text) => {
  const ms = fromDuration(text)
  return ms !== undefined && ms >= 1000 && ms <= longestMs
    ? accept(ms)
    : refuse(
        `"${text}" is no duration from one second to ten years.`,
        'Set seconds, such as 900, or a number with s, m, h or d, such as 15m, 24h or 30d.',
      )
}

const dayMs = 86_400_000

/** How long something is kept. So short that it can only be a mistake (`365` is seconds) is refused. */
export const retention: ReadText<number> = (text) => {
  const ms = fromDuration(text)
  return ms !== undefined && ms >= dayMs && ms <= 100 * 365 * dayMs
    ? accept(ms)
    : refuse(`"${text}" is no duration from one day to a hundred years.`, 'Set days, such as 365d.')
}

export const onOrOff: ReadText<boolean> = (text) => {
  const value = ['on', 'off'].indexOf(text.toLowerCase())
  return value >= 0 ? accept(value === 0) : refuse(`"${text}" is not known.`, 'Set on or off.')
}

export const host: ReadText<string> = (text) =>
  /^[\w.:%-]+$/.test(text)
    ? accept(text)
    : refuse(
        `"${text}" is no address or host name.`,
        'Set an address of this machine alone, such as 0.0.0.0 or 127.0.0.1; the port goes into PORT.',
      )

export const timeZone: ReadText<string> = (text) => {
  try {
    return accept(new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return refuse(
      `"${text}" is no time zone.`,
      'Set a name of the IANA list, such as America/Los_Angeles or Europe/Berlin.',
    )
  }
}

export const username: ReadText<string> = (text) =>
  /^[A-Za-z0-9._-]{3,80}$/.test(text)
    ? accept(text)
    : refuse(
        `"${text}" is no username.`,
        'Set 3 to 80 of the letters A to Z, digits, ".", "_" and "-".',
      )

/** A comma list of origins, none of them twice. */
export const origins: ReadText<readonly string[]> = (text) => {
  const wanted = text.split(',').map((each) => each.trim())
  const found = new Set<string>()
  for (const each of wanted.filter((one) => one !== '')) {
    const origin = toOrigin(each)
    if (origin === undefined)
      return refuse(
        `"${each}" is no origin.`,
        'Name each one in full, separated by commas, such as https://app.example.com; "*" is not possible, since credentials are allowed.',
      )
    found.add(origin)
  }
  return accept([...found])
}

function toOrigin(text: string): string | undefined {
  const url = URL.parse(text)
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  return isWeb && !text.includes('*') && url.href === `${url.origin}/` ? url.origin : undefined
}

/**
 * Where an issuer publishes its keys: in production an address that nobody on the way can change. Private networks are
 * the operator's to name; the addresses of a machine's own metadata are nobody's who issues tokens.
 */
export function keysAddress(isProduction: boolean): ReadText<string> {
  return (text) => {
    const url = URL.parse(text)
    if (url === null || !['http:', 'https:'].includes(url.protocol))
      return refuse(`"${text}" is no address of the web.`, 'Set the full address, with https://.')
    if (url.username !== '' || url.password !== '')
      return refuse('It holds a name or a password.', 'Leave them out: keys are public.')
    if (/^(169\.254\.|\[fe[89ab])/.test(url.hostname))
      return refuse(`"${text}" is a link-local address.`, "Set the issuer's own address.")
    const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
    return url.protocol === 'https:' || isLocal || !isProduction
      ? accept(text)
      : refuse(`"${text}" is no https address.`, 'Set one; http is for this machine alone.')
  }
}

export const anyText: ReadText<string> = (text) => accept(text)
