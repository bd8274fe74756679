import { expect, test } from 'bun:test'
import { isCommonPassword } from './common-passwords.ts'

const common = [
  'password',
  'PassWord1',
  '12345678',
  '123456789',
  'qwertyuiop',
  'iloveyou',
  'trustno1',
  'welcome1',
  'letmein1',
  'abcd1234',
  'password123',
  // Not on the list itself, which leaves out what is made by a rule.
  '88888888',
  'zzzzzzzzzz',
  '12341234',
  'abcabcab',
  '23456789',
  '98765432',
  'abcdefghij',
  'ABCDEFGH',
]

const uncommon = [
  'correct horse',
  'ada has a long password',
  'password\npassword1',
  'Generated',
  'x'.repeat(11),
  '123412341234',
  'abcdefghijkl',
  'correcthorsecorrecthorse',
  '12345678x9',
  'acegikmo',
  '13579135x',
]

for (const password of common)
  test(`${JSON.stringify(password)} is common`, () => expect(isCommonPassword(password)).toBe(true))

for (const password of uncommon)
  test(`${JSON.stringify(password)} is not`, () => expect(isCommonPassword(password)).toBe(false))
