import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type ParsedConfig, secretFileOf } from '#kit/core'
import { broken, type Check, dataFileOf, doubtful, type Finding, sound } from './check.ts'

const others = 0o007
const othersWrite = 0o002
const groupAndOthers = 0o077

export const permissionsCheck: Check = {
  name: 'permissions',
  look: ({ config }) => {
    if (config === undefined) return []
    const findings = [...ofFolder(config), ...ofDataFile(config), ...ofSecret(config)]
    return findings.length > 0 ? findings : [sound('the data is ours to write, the secret to read')]
  },
}

function ofFolder(config: ParsedConfig): Finding[] {
  const file = dataFileOf(config)
  if (file === undefined) return []
  const folder = nearestFolder(dirname(resolve(file)))
  if (!canWrite(folder))
    return [broken(`This user may not write to ${folder}.`, `chown or chmod u+rwx ${folder}`)]
  return allows(folder, othersWrite)
    ? [doubtful(`Anybody may write to ${folder}.`, `chmod o-w ${folder}`)]
    : []
}

/** Readable by others is how files are made by default; where it counts is production. */
function ofDataFile(config: ParsedConfig): Finding[] {
  const file = dataFileOf(config)
  if (file === undefined || !existsSync(file)) return []
  if (!canWrite(file))
    return [broken(`This user may not write to ${file}.`, `chown or chmod u+rw ${file}`)]
  return config.env === 'production' && allows(file, others)
    ? [doubtful(`Anybody on this machine may read ${file}.`, `chmod o-rwx ${file}`)]
    : []
}

function ofSecret(config: ParsedConfig): Finding[] {
  const file = secretFileOf(config.database)
  if (config.secret !== undefined || !existsSync(file)) return []
  return allows(file, groupAndOthers)
    ? [broken(`Others may read the secret in ${file}.`, `chmod 600 ${file}`)]
    : []
}

/** The folder, or the nearest one above it that is there: in it the first start makes the others. */
export function nearestFolder(folder: string): string {
  return existsSync(folder) ? folder : nearestFolder(dirname(folder))
}

function allows(path: string, bits: number): boolean {
  return (statSync(path).mode & bits) !== 0
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
