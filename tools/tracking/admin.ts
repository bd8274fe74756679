import { defineAdmin } from '#kit/admin'
import { NameTemplate } from './model.ts'

/** Its routes are those of the tool, under `/api/tracking`. */
export const templateAdmin = defineAdmin(NameTemplate, {
  path: '/api/tracking/admin/templates',
  label: 'Name templates',
  columns: ['name', 'category', 'updated_at'],
  only: [],
  import: false,
})
