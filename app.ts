import { createApp } from '#kit/tool'
import { accounts } from '#tools/accounts'
import { items } from '#tools/items'
import { milkCount } from '#tools/milk-count'
import { rtde } from '#tools/rtde'
import { tasks } from '#tools/tasks'
import { tracking } from '#tools/tracking'
import { version } from './package.json' with { type: 'json' }

export const app = createApp({
  name: 'plinth',
  version,
  tools: [accounts, tasks, items, tracking, milkCount, rtde],
})
