import { describe, expect, test } from 'bun:test'
import { createPasswords, fitsBcrypt } from './passwords.ts'

const { hash, verify } = createPasswords({ cost: 4 })

test('a hash is bcrypt of the cost, salted, and no longer than it may be', async () => {
  const [one, other] = [await hash('correct horse'), await hash('correct horse')]
  expect(one).toMatch(/^\$2b\$04\$.{53}$/)
  expect(one).not.toBe(other)
  expect(await createPasswords().hash('correct horse')).toMatch(/^\$2b\$12\$/)
})

const secrets: Readonly<Record<string, string>> = {
  plain: 'correct horse',
  'with signs beyond ASCII': 'пароль 🐴 contraseña',
  'of 72 bytes': 'x'.repeat(72),
  'of 72 bytes in 24 characters': '한'.repeat(24),
  'a PIN': '0420',
}

describe('verifies a secret', () => {
  for (const [name, secret] of Object.entries(secrets))
    test(name, async () => {
      const made = await hash(secret)
      expect(await verify(secret, made)).toBe(true)
      expect(await verify(`${secret.slice(0, -1)}?`, made)).toBe(false)
      expect(await verify(secret.toUpperCase().toLowerCase().concat('a'), made)).toBe(false)
    })
})

test('more than 72 bytes are refused and never cut', async () => {
  const long = `${'x'.repeat(72)}y`
  expect(fitsBcrypt('한'.repeat(24))).toBe(true)
  expect(fitsBcrypt(`${'한'.repeat(24)}a`)).toBe(false)
  await expect(hash(long)).rejects.toMatchObject({ kind: { code: 'invalid' } })
  expect(await verify(long, await hash('x'.repeat(72)))).toBe(false)
  // Bun itself would take it: it hashes what is longer beforehand, as no other bcrypt does.
  const prehashed = await Bun.password.hash(long, { algorithm: 'bcrypt', cost: 4 })
  expect(await verify(long, prehashed)).toBe(false)
})

test('takes the hashes of other systems: $2a$, $2y$ and argon2id', async () => {
  const made = await hash('correct horse')
  for (const prefix of ['$2a$', '$2y$'])
    expect(await verify('correct horse', made.replace('$2b$', prefix))).toBe(true)
  const options = { algorithm: 'argon2id', memoryCost: 8, timeCost: 1 } as const
  const argon = await Bun.password.hash('correct horse', options)
  expect(await verify('correct horse', argon)).toBe(true)
  expect(await verify('correct hors', argon)).toBe(false)
})

test('nobody has the secret of no hash', async () => {
  for (const none of [undefined, null])
    for (const secret of ['correct horse', 'no secret', ''])
      expect(await verify(secret, none)).toBe(false)
})
