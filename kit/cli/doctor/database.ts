import { existsSync } from 'node:fs'
import type { Database, Unit } from '#kit/db'
import { broken, type Check, dataFileOf, sound } from './check.ts'

const table = 'plinth_doctor'

export const databaseCheck: Check = {
  name: 'database',
  look: async ({ config, database }) => {
    if (config === undefined) return []
    const file = dataFileOf(config)
    if (database === undefined)
      return file !== undefined && !existsSync(file)
        ? [sound(`${file} is not there yet: the first start makes it`)]
        : []
    const startedMs = performance.now()
    const undo = new Error('Undo it.')
    const trial = async (unit: Unit) => {
      await unit.execute(`CREATE TABLE ${table} (id INTEGER)`)
      await unit.execute(`INSERT INTO ${table} (id) VALUES (1)`)
      throw undo
    }
    const fault = await database.write('doctor', trial).catch((error: unknown) => error)
    if (fault !== undo)
      return [broken(fault instanceof Error ? fault.message : 'It cannot be written to.', repair)]
    const isLeft = await isThere(database)
    return isLeft
      ? [broken('What was undone is still there.', `Drop the table ${table} and look at the disk.`)]
      : [sound(`opens, writes and rolls back (${Math.ceil(performance.now() - startedMs)} ms)`)]
  },
}

async function isThere(database: Database): Promise<boolean> {
  try {
    await database.reader.execute(`SELECT 1 FROM ${table}`)
    return true
  } catch {
    return false
  }
}

const repair =
  'See that no other program holds the database, and that its folder can be written to.'
