import { describe, expect, test } from 'bun:test'
import { createSeal } from './seal.ts'

const seal = createSeal(['a secret of at least 32 characters'], 'test')

describe('seal', () => {
  test('opens what it closed, and shows nothing of it', () => {
    const sealed = seal.close('{"temporary_password":"pässword"}')
    expect(sealed).not.toContain('password')
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('temporary')
    expect(seal.open(sealed)).toBe('{"temporary_password":"pässword"}')
  })
  test('closes the same text differently each time', () => {
    expect(seal.close('x')).not.toBe(seal.close('x'))
  })
  test('does not open what is altered, cut off, or of another secret or purpose', () => {
    const sealed = seal.close('some text')
    const bytes = Buffer.from(sealed, 'base64url')
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
    expect(seal.open(bytes.toString('base64url'))).toBeUndefined()
    expect(seal.open(sealed.slice(0, 20))).toBeUndefined()
    expect(seal.open('')).toBeUndefined()
    expect(
      createSeal(['another secret of 32 characters or so'], 'test').open(sealed),
    ).toBeUndefined()
    expect(createSeal(['a secret of at least 32 characters'], 'other').open(sealed)).toBeUndefined()
  })
  test('after a rotation opens what an older secret closed, and closes with the newest', () => {
    const [first, second] = [
      'the first secret of 32 characters..',
      'the second secret of 32 characters.',
    ]
    const rotated = createSeal([second, first], 'test')
    expect(rotated.open(createSeal([first], 'test').close('old'))).toBe('old')
    expect(createSeal([second], 'test').open(rotated.close('new'))).toBe('new')
    expect(createSeal([first], 'test').open(rotated.close('new'))).toBeUndefined()
  })
})
