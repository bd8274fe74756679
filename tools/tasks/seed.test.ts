import { expect, test } from 'bun:test'
import { eachDialect, testApp } from '#kit/testing'
import { runSeeds } from '#kit/tool'
import { accounts } from '#tools/accounts'
import { tasks } from '#tools/tasks'

eachDialect('the seed of tasks', (dialect) => {
  test('is for the user demo alone, where there is one, and may be run again', async () => {
    const app = await testApp([accounts, tasks], { dialect })
    const seed = () => runSeeds([tasks], app.opened.context)
    const count = async (who: string) =>
      (await app.request<unknown[]>(who, 'GET /api/me/tasks')).body.length
    expect(await count('ada')).toBe(0)
    expect(await seed()).toEqual([{ tool: 'tasks', made: 0, found: 0 }])
    expect(await count('demo')).toBe(0)
    expect(await seed()).toEqual([{ tool: 'tasks', made: 5, found: 0 }])
    expect(await seed()).toEqual([{ tool: 'tasks', made: 0, found: 5 }])
    expect([await count('demo'), await count('ada')]).toEqual([5, 0])
    await app.close()
  })
})
