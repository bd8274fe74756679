import { z } from 'zod'
import { roles, textSchema } from '#kit/model'
import {
  emailText,
  loginText,
  nameText,
  newPasswordText,
  partnerNumberText,
  pinText,
  secretText,
  usernameText,
} from './texts.ts'

const invite = textSchema({ max: 100 })

export const registerBody = z.strictObject({
  username: usernameText,
  password: newPasswordText,
  email: emailText.nullish(),
  name: nameText.nullish(),
  invite: invite.nullish(),
})

const signupByEmail = z.strictObject({
  email: emailText,
  password: newPasswordText,
  name: nameText.nullish(),
  invite: invite.nullish(),
})

export const signupBody = z.union([signupByEmail, registerBody])

export const loginBody = z.union([
  z.strictObject({ username: loginText, password: secretText }),
  z.strictObject({ email: loginText, password: secretText }),
  z.strictObject({ partner_number: loginText, pin: pinText }),
])
export type LoginBody = z.output<typeof loginBody>

export const refreshBody = z.strictObject({
  refresh_token: textSchema({ min: 1, max: 4096 }).meta({ writeOnly: true }),
})

export const ownPatchBody = z
  .strictObject({ name: nameText.nullable().optional(), email: emailText.nullable().optional() })
  .refine(isNotEmpty, 'Must name at least one field.')

export const changePasswordBody = z.strictObject({
  current_password: secretText,
  new_password: newPasswordText,
})

export const changePinBody = z.strictObject({ current_pin: pinText, new_pin: pinText })

export const createUserBody = z.strictObject({
  username: usernameText.nullish(),
  email: emailText.nullish(),
  name: nameText.nullish(),
  partner_number: partnerNumberText.nullish(),
  pin: pinText.nullish(),
  password: newPasswordText.nullish(),
  role: z.enum(roles).optional(),
})

export const adminPatchBody = z
  .strictObject({
    name: nameText.nullable().optional(),
    email: emailText.nullable().optional(),
    role: z.enum(roles).optional(),
    is_active: z.boolean().optional(),
  })
  .refine(isNotEmpty, 'Must name at least one field.')

const daySeconds = 86_400

export const inviteBody = z.strictObject({
  role: z.enum(roles).default('user'),
  expires_in: z
    .int()
    .min(60)
    .max(90 * daySeconds)
    .default(7 * daySeconds)
    .meta({ description: 'Seconds that the invite is good for.' }),
})

function isNotEmpty(value: object): boolean {
  return Object.keys(value).length > 0
}
