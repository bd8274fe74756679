import { type Log, Problem, problemKinds } from '#kit/core'
import type { Answer, Exchange } from './exchange.ts'

/** Every problem's body (RFC 9457); `error` says the same as `detail`, for clients that read that. */
export function toProblemAnswer(
  problem: Problem,
  requestId: string,
  invalidStatus: number,
): Answer {
  const { kind, detail, errors, members } = problem
  const status = kind === problemKinds.invalid ? invalidStatus : kind.status
  const body = {
    ...members,
    type: `urn:plinth:problem:${kind.code}`,
    title: kind.title,
    status,
    code: kind.code,
    detail,
    error: detail,
    request_id: requestId,
    ...(errors ? { errors } : {}),
  }
  return {
    status,
    type: 'application/problem+json',
    body: JSON.stringify(body),
    headers:
      status === 401 && !problem.headers?.['www-authenticate']
        ? { 'www-authenticate': 'Bearer', ...problem.headers }
        : problem.headers,
  }
}

/** The problem that a failure is to the caller. What is not one of ours tells nothing; the log has the rest. */
export function toProblem(error: unknown, exchange: Exchange, log: Log): Problem {
  const problem =
    error instanceof Problem
      ? error
      : new Problem('internal', 'Something went wrong here. It has been logged.', { cause: error })
  if (problem.kind.status < 500) return problem
  const { method, path, requestId } = exchange
  const report = { request_id: requestId, method, path, err: problem.cause ?? problem }
  if (problem.kind.status === 500) log.error(report, problem.detail)
  else log.warn(report, problem.detail)
  return problem
}
