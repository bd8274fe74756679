import { z } from 'zod'
import { fitsBcrypt, isCommonPassword, maxSecretBytes } from '#kit/auth'
import { textSchema } from '#kit/model'

export const usernameRule = {
  min: 3,
  max: 80,
  trim: true,
  pattern: /^[A-Za-z0-9._-]*$/,
  hint: 'May hold the letters A to Z, digits, ".", "_" and "-" only.',
} as const

/** ASCII alone: what is unique without regard to case must be folded alike by both engines. */
export const emailRule = {
  max: 120,
  trim: true,
  pattern: /^[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+$/,
  hint: 'Must be an e-mail address like ada@example.com.',
} as const

export const nameRule = { min: 1, max: 100, trim: true } as const

export const partnerNumberRule = {
  min: 4,
  max: 20,
  trim: true,
  pattern: /^[0-9A-Z]*$/,
  hint: 'May hold letters and digits only.',
} as const

export const usernameText = textSchema(usernameRule)
export const emailText = textSchema(emailRule)
export const nameText = textSchema(nameRule)

/** Accepted in either case, answered in upper case. */
export const partnerNumberText = textSchema({
  ...partnerNumberRule,
  pattern: /^[0-9A-Za-z]*$/,
}).overwrite((text) => text.toUpperCase())

export const pinText = z
  .string()
  .regex(/^[0-9]{4}$/, 'Must be exactly four digits.')
  .meta({ writeOnly: true })

/** The least that `PASSWORD_MIN_LENGTH` may say; what it does say is checked by `assertLongEnough`. */
const shortest = 6

export const newPasswordText = textSchema({ max: maxSecretBytes })
  .superRefine((text, context) => {
    const message = faultOf(text)
    if (message) context.addIssue({ code: 'custom', message })
  })
  .meta({ writeOnly: true, minLength: 8, maxLength: maxSecretBytes })

function faultOf(text: string): string | undefined {
  if (text.length <= maxSecretBytes && !fitsBcrypt(text))
    return `Must have at most ${maxSecretBytes} bytes in UTF-8.`
  if (text.length < shortest) return 'Is too short.'
  if (isCommonPassword(text)) return 'Is one of the most used passwords: choose another.'
  return undefined
}

/** A secret to be checked: what cannot be right is wrong, not invalid. */
export const secretText = textSchema({ min: 1, max: 1000 }).meta({ writeOnly: true })

/** A name to be looked up, in whatever spelling. */
export const loginText = textSchema({ min: 1, max: 255, trim: true })
