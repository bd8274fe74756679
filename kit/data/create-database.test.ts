import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createLog, type DatabaseConfig, Problem } from '#kit/core'
import { openDatabase } from '#kit/db'
import { eachDialect } from '#kit/testing'
import { openOrCreate } from './create-database.ts'

const log = createLog('silent')

/** The same place under another name, or for another user. */
function elsewhere(config: DatabaseConfig, name: string, user?: string): DatabaseConfig {
  if ('file' in config) return { ...config, file: `${config.file}${name}` }
  const url = new URL(`${config.url}${name}`)
  if (user !== undefined) url.username = user
  return { ...config, url: url.href }
}

async function on(config: DatabaseConfig, ...statements: string[]): Promise<void> {
  const database = await openDatabase(config, { log })
  for (const statement of statements)
    await database.exclusively((executor) => executor.execute(statement))
  await database.close()
}

eachDialect('a database that is not there', (dialect) => {
  let config: DatabaseConfig
  beforeAll(async () => {
    config = (await dialect.create()).config
  })

  test('is made once, also where two want it at once, and can be opened then', async () => {
    const missing = elsewhere(config, '_new')
    const opened = await Promise.all([
      openOrCreate(missing, { log }),
      openOrCreate(missing, { log }),
    ])
    for (const database of opened) await database.ping()
    await opened[0]?.exclusively((executor) => executor.execute('CREATE TABLE t (n integer)'))
    for (const database of opened) await database.close()
    const again = await openOrCreate(missing, { log })
    expect(await again.reader.execute('SELECT n FROM t')).toHaveLength(0)
    await again.close()
  })

  if (dialect.name === 'postgres') {
    afterAll(() =>
      on(
        config,
        `DROP DATABASE IF EXISTS "${nameOf(elsewhere(config, '_new'))}" WITH (FORCE)`,
        'DROP ROLE IF EXISTS plinth_test_guest',
      ),
    )

    test('is named with what to do, where this user may make none', async () => {
      await on(config, 'CREATE ROLE plinth_test_guest LOGIN')
      const missing = elsewhere(config, '_guest', 'plinth_test_guest')
      const refusal = await openOrCreate(missing, { log }).catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(Problem)
      expect((refusal as Problem).detail).toMatch(
        /^The database is not there and cannot be made: permission denied to create database\. Let somebody who may run: CREATE DATABASE "\w+_guest" OWNER "plinth_test_guest"$/,
      )
    })
  }
})

function nameOf(config: DatabaseConfig): string {
  return 'file' in config ? config.file : new URL(config.url).pathname.slice(1)
}
