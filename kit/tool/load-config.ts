import { type Environment, formatConfigFault, type ParsedConfig, parseConfig } from '#kit/core'
import { StartError } from './start-error.ts'

/** The configuration. Throws StartError with all faults at once. */
export function loadConfig(environment: Environment): ParsedConfig {
  const parsed = parseConfig(environment)
  if (!parsed.ok) throw new StartError(parsed.errors.map(formatConfigFault))
  return parsed.value
}
