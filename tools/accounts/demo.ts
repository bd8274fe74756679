import type { Demo } from '#kit/tool'
import { randomPin } from './random-secrets.ts'

const people = ['Ana', 'Ben', 'Chloe', 'Dan', 'Eve']

/** The staff that a demo is played by. */
export const demo: Demo = {
  history: [],
  steps: () => [
    {
      day: 0,
      time: '04:00',
      run: async ({ send, say }) => {
        for (const [at, name] of people.entries()) {
          const username = `demo-${name.toLowerCase()}`
          const partner_number = `DEMO0${at + 1}`
          const pin = randomPin()
          const body = { username, name, partner_number, pin, role: 'staff' }
          await send('admin', 'POST /api/admin/users', body)
          say(`${name}: partner number ${partner_number}, PIN ${pin}`)
        }
      },
    },
  ],
}
