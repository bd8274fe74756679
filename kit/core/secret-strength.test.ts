import { expect, test } from 'bun:test'
import { randomBytes, randomUUID } from 'node:crypto'
import { weaknessOf } from './secret-strength.ts'

test.each([
  'changeme',
  'changeme-changeme-changeme-changeme',
  'dev-secret-key',
  'dev-secret-key-00000000000000000000000000',
  'your-secret-key-here',
  'your-secret-key-here-123456789012345678',
  'jwt-secret-string',
  'jwt-secret-string-jwt-secret-string',
  'jwt-secret-string-xxxxxxxxxxxxxxxxxxxx',
  'your-super-secret-jwt-key-change-in-production',
  'super-secret-jwt-token-with-at-least-32-characters-long',
  'better-auth-secret-123456789012345678',
  'YOUR_SECRET_KEY_MIN_32_CHARACTERS_LONG!!',
  'abcdefghijklmnopqrstuvwxyz0123456789',
])('%s is a well-known default', (secret) => expect(weaknessOf(secret)).toMatch(/well-known/))

test.each([
  'a'.repeat(40),
  '0101010101010101010101010101010101',
  '1234567123456712345671234567123456',
])('%s holds too few different characters', (secret) =>
  expect(weaknessOf(secret)).toMatch(/few different/),
)

test.each([
  '0123456789ghij+-0123456789ghij+-',
  'Zq8!vR2mKp'.repeat(4),
  '12345678901234567890123456789012',
])('%s repeats', (secret) => expect(weaknessOf(secret)).toMatch(/repeats/))

test('what tools make is no default', () => {
  for (let round = 0; round < 500; round++)
    for (const secret of [
      randomBytes(32).toString('base64'),
      randomBytes(32).toString('hex'),
      randomBytes(16).toString('hex'),
      randomUUID(),
    ])
      expect([secret, weaknessOf(secret)]).toEqual([secret, undefined])
})

test('a pass phrase of other words is no default', () => {
  expect(weaknessOf('correct horse battery staple over the fence')).toBeUndefined()
})
