import { crud } from '#kit/http'
import { Item } from './model.ts'

export const routes = crud(Item, {
  access: { list: 'anyone', get: 'anyone', create: 'user', change: 'user', remove: 'user' },
  filters: ['user_id', 'created_at'],
  search: ['name'],
  sort: ['created_at', 'name', 'updated_at'],
  removed: 'Item deleted',
})
