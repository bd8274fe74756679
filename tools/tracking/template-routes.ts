import { crud } from '#kit/http'
import { NameTemplate } from './model.ts'

export const templateRoutes = crud(NameTemplate, {
  path: '/api/tracking/admin/templates',
  access: 'admin',
  only: ['list', 'create', 'change', 'remove'],
  filters: ['category'],
  search: ['name_key'],
  removed: 'Template deleted',
})
