import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eachDialect, scenarios, type TestApp, testApp } from '#kit/testing'
import { accounts } from '#tools/accounts'
import { articles } from './article-tool.ts'

eachDialect('access in detail', (dialect) => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp([accounts, articles], { dialect })
    for (const name of ['ada', 'bob', 'staff', 'admin']) await app.as(name)
  })
  afterAll(() => app.close())

  const list = 'GET /api/articles?sort=title'
  const create = 'POST /api/articles'
  const titles = (...names: string[]) => names.map((title) => ({ title }))
  const staffOnly = { code: 'readonly', message: 'Only staff may set this.' }
  const featured = { path: 'is_featured', ...staffOnly }
  const verdict = { path: 'verdict', code: 'readonly', message: 'Only admins may set this.' }

  // The ids are 1 (hers), 2 (hers, public), 3 (hers, public later), 4 (his).
  scenarios(() => app, {
    'nobody writes': [null, create, { title: 'x' }, 401],
    'her own': ['ada', create, { title: 'A' }, 201, { id: 1, is_featured: false, verdict: null }],
    'one that all see': ['ada', create, { title: 'B', is_public: true }, 201],
    'one that all see later': [
      'ada',
      create,
      { title: 'C', is_public: true, out_at: '2999-01-01T00:00:00Z' },
      201,
    ],
    'his own': ['bob', create, { title: 'D' }, 201],

    'nobody reads': [null, list, undefined, 401],
    'she reads hers': ['ada', list, undefined, 200, titles('A', 'B', 'C')],
    'he reads his and what is out': ['bob', list, undefined, 200, titles('B', 'D')],
    'staff reads all': ['staff', list, undefined, 200, titles('A', 'B', 'C', 'D')],
    'an admin reads all': ['admin', list, undefined, 200, titles('A', 'B', 'C', 'D')],
    'a filter widens nothing': ['bob', `${list}&is_public=false`, undefined, 200, titles('D')],
    'the count is theirs, too': [
      'bob',
      'GET /api/articles/all/count',
      undefined,
      200,
      { count: 2 },
    ],
    'he reads the one that is out': ['bob', 'GET /api/articles/2', undefined, 200],
    'not the one that is not': ['bob', 'GET /api/articles/1', undefined, 404],
    'nor the one that will be': ['bob', 'GET /api/articles/3', undefined, 404],

    'he changes nothing of hers that he may read': [
      'bob',
      'PATCH /api/articles/2',
      { title: 'x' },
      404,
    ],
    'nor what he may not': ['bob', 'PATCH /api/articles/1', { title: 'x' }, 404],
    'nor removes it': ['bob', 'DELETE /api/articles/2', undefined, 404],
    'a new one must be one she may write': [
      'ada',
      create,
      { title: 'x', size: 'long' },
      403,
      { code: 'forbidden' },
    ],
    'so must a changed one': ['ada', 'PATCH /api/articles/1', { size: 'long' }, 403],
    'staff may write any': ['staff', 'PATCH /api/articles/1', { size: 'long' }, 200],
    'then it is beyond her': ['ada', 'PATCH /api/articles/1', { title: 'x' }, 404],
    'but she reads it': [
      'ada',
      'GET /api/articles/1',
      undefined,
      200,
      { size: 'long', title: 'A' },
    ],

    'a comment on what he may read': [
      'bob',
      'POST /api/comments',
      { article_id: 2, text: 'good' },
      201,
    ],
    'none on what he may not': [
      'bob',
      'POST /api/comments',
      { article_id: 1, text: 'good' },
      422,
      { errors: [{ path: 'article_id', code: 'reference' }] },
    ],
  })

  scenarios(() => app, {
    'a user may not feature': [
      'ada',
      create,
      { title: 'x', is_featured: true },
      422,
      { errors: [featured] },
    ],
    'nor say that it is not': [
      'ada',
      create,
      { title: 'x', is_featured: false },
      422,
      { errors: [featured] },
    ],
    'all faults at once': [
      'ada',
      create,
      { is_featured: 'yes', verdict: null, size: 'vast', more: 1 },
      422,
      {
        errors: [
          { path: 'title', code: 'required' },
          { path: 'size', code: 'choice' },
          { path: 'is_featured', code: 'type' },
          { path: 'more', code: 'unknown' },
          featured,
          verdict,
        ],
      },
    ],
    'nor change it': [
      'ada',
      'PATCH /api/articles/2',
      { is_featured: true },
      422,
      { errors: [featured] },
    ],
    'staff may': [
      'staff',
      'PATCH /api/articles/4',
      { is_featured: true },
      200,
      { is_featured: true },
    ],
    'all who read see it': ['bob', 'GET /api/articles/4', undefined, 200, { is_featured: true }],
    'staff may not judge': [
      'staff',
      'PATCH /api/articles/4',
      { verdict: 'good', is_featured: false },
      422,
      { errors: [verdict] },
    ],
    'an admin may': [
      'admin',
      'PATCH /api/articles/4',
      { verdict: 'good' },
      200,
      { verdict: 'good' },
    ],
    'a handler that passes on any body is held to it, too': [
      'ada',
      'PUT /api/articles',
      { is_featured: true, verdict: 'x', rank: 1 },
      422,
      { errors: [featured, verdict, { path: 'rank', code: 'unknown' }] },
    ],
    'so is one that asks for the system': [
      'ada',
      'PATCH /api/articles/2/overrule',
      { verdict: 'x' },
      422,
      { errors: [verdict] },
    ],
    'and a query': ['staff', 'POST /api/articles/judge', undefined, 422, { errors: [verdict] }],
    'a query of an admin sets it': [
      'admin',
      'POST /api/articles/judge',
      undefined,
      200,
      { changed: 4 },
    ],
  })

  test('OpenAPI says who may set a field', async () => {
    const { body } = await app.request<Document>(null, 'GET /openapi.json')
    for (const name of ['ArticleInput', 'ArticlePatch']) {
      const schema = body.components.schemas[name]
      expect(schema?.properties['is_featured']).toMatchObject({
        type: 'boolean',
        description: 'Only staff may set this.',
        'x-writable-by': 'staff',
      })
      expect(schema?.properties['verdict']?.['x-writable-by']).toBe('admin')
      expect(schema?.properties['title']?.['x-writable-by']).toBeUndefined()
    }
    expect(body.components.schemas['ArticleInput']?.properties['is_featured']?.['default']).toBe(
      false,
    )
    expect(body.components.schemas['ArticleInput']?.required).toEqual(['title'])
  })
})

interface Document {
  readonly components: {
    readonly schemas: Readonly<
      Record<
        string,
        {
          readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>
          readonly required: readonly string[]
        }
      >
    >
  }
}
