import { Problem } from '#kit/core'

const full = ['ENOSPC', 'EDQUOT', 'EFBIG']

/** What a fault of the disk is to the caller: `unavailable`. Anything else is as it was. */
export function diskProblem(error: unknown): unknown {
  if (error instanceof Problem || !(error instanceof Error) || !('code' in error)) return error
  const detail = full.includes(String(error.code))
    ? noRoom
    : 'Files cannot be kept at this moment. Try again later.'
  return new Problem('unavailable', detail, { cause: error, headers: { 'retry-after': '60' } })
}

export const noRoom = 'There is no room for more files. Try again later.'

/** Answers undefined where the file is not there. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))
  )
}
