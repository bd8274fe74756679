import { describe, expect, test } from 'bun:test'
import { bodyOf, responseLength, statusOf } from './response.ts'

const head = 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\ncontent-length: 9\r\n\r\n'
const whole = Buffer.from(`${head}{"a":"é"}`)

describe('responses', () => {
  test('the length is told as soon as the head is whole, in bytes', () => {
    expect(responseLength(Buffer.from(head.slice(0, -1)))).toBeUndefined()
    expect(responseLength(Buffer.from(head))).toBe(head.length + 9)
  })

  test('status and body are read', () => {
    expect(statusOf(whole)).toBe(201)
    expect(bodyOf(whole)).toBe('{"a":"é"}')
  })

  test('a response without a length is refused', () => {
    const chunked = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    expect(() => responseLength(chunked)).toThrow('does not say how long')
  })
})
