import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { expectTrail } from './audit-trail.ts'
import { makeHome, register, type ServerProcess, startServer } from './server-process.ts'
import { allTasks, askFor, runClients, type Task, type Wish } from './task-load.ts'

const clients = 16
const rounds = 5

/** Writes from many clients at once and kills the server after so many acknowledgements, in mid-flight. */
async function writeUntilKilled(server: ServerProcess, token: string, round: number) {
  const killAfter = 40 + 37 * round
  let acknowledged = 0
  let killed: Promise<unknown> | undefined
  const ask = async (wish: Wish) => {
    const reply = await askFor(server.url, token, wish).catch(() => undefined)
    if (!reply) return false
    expect(reply.status).toBe(201)
    wish.id = reply.body.id
    acknowledged += 1
    if (acknowledged === killAfter) killed = server.end('SIGKILL')
    return true
  }
  const wishes = await runClients({ count: clients, name: `round ${round}`, ask })
  await killed
  return wishes
}

function idsByTitle(tasks: readonly Task[]): Map<string, number[]> {
  const ids = new Map<string, number[]>()
  for (const { id, title } of tasks) ids.set(title, [...(ids.get(title) ?? []), id])
  return ids
}

/** The file itself: sound, and each task together with the record and the audit entry of the same unit. */
function inspect(file: string) {
  const database = new Database(file, { readonly: true })
  try {
    const count = (table: string) =>
      database.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n
    return {
      integrity: database.query<{ integrity_check: string }, []>('PRAGMA integrity_check').all(),
      foreignKeys: database.query('PRAGMA foreign_key_check').all(),
      tasks: count('tasks'),
      records: count('plinth_idempotency'),
      entries: count("plinth_audit WHERE model = 'task'"),
    }
  } finally {
    database.close()
  }
}

/** After the restart: nothing twice, and all that was acknowledged, under the id that was told. */
function expectKept(found: ReadonlyMap<string, number[]>, wishes: readonly Wish[]) {
  const wrong = wishes
    .map(({ title, id }) => ({ title, id, ids: found.get(title) ?? [] }))
    .filter(({ id, ids }) =>
      id === undefined ? ids.length > 1 : ids.length !== 1 || ids[0] !== id,
    )
  expect(wrong).toEqual([])
}

test('kill -9 in the middle of writes: what was acknowledged is there once, what is retried too', async () => {
  const home = await makeHome()
  let server = await startServer(home.environment)
  const { token } = await register(server.url, 'ada')
  const wishes: Wish[] = []
  let unanswered = 0
  for (let round = 0; round < rounds; round += 1) {
    const written = await writeUntilKilled(server, token, round)
    wishes.push(...written)
    const file = inspect(join(home.folder, 'data', 'app.db'))
    expect(file).toMatchObject({ integrity: [{ integrity_check: 'ok' }], foreignKeys: [] })
    expect(file.records).toBe(file.tasks)
    expect(file.entries).toBe(file.tasks)

    server = await startServer(home.environment)
    const found = idsByTitle(await allTasks(server.url, token))
    expectKept(found, wishes)
    for (const wish of written.filter((each) => each.id === undefined)) {
      const before = found.get(wish.title)?.[0]
      const retried = await askFor(server.url, token, wish)
      expect(retried.status).toBe(201)
      expect(retried.body.id).toBe(before ?? retried.body.id)
      expect(retried.headers.has('idempotency-replayed')).toBe(before !== undefined)
      wish.id = retried.body.id
      unanswered += 1
    }
    expectKept(idsByTitle(await allTasks(server.url, token)), wishes)
  }
  // Each round was cut while writes were under way.
  expect(unanswered).toBeGreaterThanOrEqual(rounds)
  expect(await server.end('SIGTERM')).toBe(0)
  await expectTrail({ dialect: 'sqlite', file: join(home.folder, 'data', 'app.db') })
  await home.remove()
}, 60_000)
