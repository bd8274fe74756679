import { z } from 'zod'
import { crud, defineRoute } from '#kit/http'
import { defineModel, f, toPatchSchema } from '#kit/model'
import { defineTool } from '#kit/tool'
import { User } from '#tools/accounts'

/** Seen by its writer and staff, and by all once it is out; users write short ones that are not featured. */
export const Article = defineModel('article', {
  id: f.serial(),
  owner: { field: 'writer_id', of: User },
  access: {
    read: {
      least: 'user',
      where: ({ row, actor, now, all, any }) =>
        any(
          actor.hasRole('staff'),
          row.writer_id.eq(actor.id),
          all(row.is_public.eq(true), any(row.out_at.isNull(), row.out_at.lte(now))),
        ),
    },
    write: {
      least: 'user',
      where: ({ row, actor, all, any }) =>
        any(
          actor.hasRole('staff'),
          all(row.writer_id.eq(actor.id), row.is_featured.eq(false), row.size.ne('long')),
        ),
    },
  },
  fields: {
    title: f.text({ min: 1, max: 40 }),
    size: f.choice(['short', 'long']).default('short'),
    is_public: f.boolean().default(false),
    out_at: f.instant().optional(),
    is_featured: f.boolean().default(false).writableBy('staff'),
    verdict: f.text({ max: 40 }).optional().writableBy('admin'),
  },
})

/** Under an article that its writer may read. */
export const Comment = defineModel('comment', {
  id: f.serial(),
  owner: { field: 'writer_id', of: User },
  access: { read: 'user', write: 'owner' },
  fields: { article_id: f.reference(Article, { onDelete: 'cascade' }), text: f.text({ max: 40 }) },
})

const changed = z.object({ changed: z.int() })

export const articles = defineTool({
  name: 'articles',
  models: [Article, Comment],
  migrations: '',
  routes: [
    ...crud(Article, { access: 'user', filters: ['is_public', 'is_featured'], sort: ['title'] }),
    ...crud(Comment, { access: 'user', only: ['create'] }),
    defineRoute({
      name: 'article.count',
      summary: 'How many there are, by query',
      access: 'user',
      method: 'GET',
      path: '/api/articles/all/count',
      result: z.object({ count: z.int() }),
      handle: async ({ db }) => {
        const query = db.query(Article).selectFrom('articles')
        return query.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
      },
    }),
    defineRoute({
      name: 'article.patch_all',
      summary: 'Change all at once',
      access: 'user',
      method: 'PUT',
      path: '/api/articles',
      body: z.record(z.string(), z.unknown()),
      result: changed,
      handle: async ({ db, body }) => ({ changed: await db(Article).changeMany({}, body) }),
    }),
    defineRoute({
      name: 'article.judge_all',
      summary: 'Set a field by a query',
      access: 'user',
      method: 'POST',
      path: '/api/articles/judge',
      result: changed,
      handle: async ({ db }) => {
        const update = db.query(Article).updateTable('articles').set({ verdict: 'good' })
        const { numUpdatedRows } = await update.executeTakeFirst()
        return { changed: Number(numUpdatedRows) }
      },
    }),
    defineRoute({
      name: 'article.overrule',
      summary: 'Change what the path names, as the system',
      access: 'user',
      method: 'PATCH',
      path: '/api/articles/:id/overrule',
      system: 'shows that not even this takes from a body what its sender may not set',
      body: toPatchSchema(Article),
      result: Article,
      handle: ({ system, params, body }) => system(Article).change(Number(params.id), body),
    }),
  ],
})
