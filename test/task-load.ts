import { call, type Reply } from './server-process.ts'

export interface Task {
  readonly id: number
  readonly title: string
}

/** A task that a client wants made, and the id that it was told. */
export interface Wish {
  readonly title: string
  readonly key: string
  id: number | undefined
}

/** Asks for it once; asked again it answers what it answered before. */
export function askFor(url: string, token: string, { title, key }: Wish): Promise<Reply<Task>> {
  return call<Task>(url, 'POST /api/me/tasks', {
    token,
    body: { title },
    headers: { 'idempotency-key': key },
  })
}

export interface Clients {
  readonly count: number
  /** Begins the title of each task. */
  readonly name: string
  /** Answers whether the client goes on. */
  readonly ask: (wish: Wish) => Promise<boolean>
}

/** Lets clients ask for one task after the other, all at once, until all have ended; answers all they asked for. */
export async function runClients({ count, name, ask }: Clients): Promise<Wish[]> {
  const wishes: Wish[] = []
  const client = async (number: number) => {
    for (let turn = 0; ; turn += 1) {
      const title = `${name} client ${number} turn ${turn}`
      const wish: Wish = { title, key: title.replaceAll(' ', '-'), id: undefined }
      wishes.push(wish)
      if (!(await ask(wish))) return
    }
  }
  await Promise.all(Array.from({ length: count }, (_, number) => client(number)))
  return wishes
}

/** All tasks of whose token it is, page by page. */
export async function allTasks(url: string, token: string): Promise<Task[]> {
  const tasks: Task[] = []
  let path: string | undefined = '/api/me/tasks?limit=100'
  while (path) {
    const page: Reply<Task[]> = await call(url, `GET ${path}`, { token })
    tasks.push(...page.body)
    path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1]
  }
  return tasks
}
