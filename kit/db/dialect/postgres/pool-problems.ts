import { Problem } from '#kit/core'

export function exhausted(): Problem {
  return new Problem('unavailable', 'All connections to the database are busy. Try again.', {
    headers: { 'Retry-After': '1' },
  })
}

export function stopping(): Problem {
  return new Problem('unavailable', 'The server is stopping.')
}
