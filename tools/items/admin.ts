import {
  type Activities,
  type AuditedUnit,
  defineAdmin,
  defineStats,
  describeChanges,
  describeMany,
} from '#kit/admin'
import { Item } from './model.ts'

export const itemAdmin = defineAdmin(Item, {
  columns: ['id', 'name', 'user_id', 'is_active', 'created_at', 'updated_at'],
  search: ['name'],
  filter: ['is_active', 'user_id', 'created_at'],
  form: ['name', 'user_id'],
  toggle: 'is_active',
  bulkDelete: true,
})

export const itemStats = defineStats(Item, {
  total: {},
  active: { is_active: true },
  inactive: { is_active: false },
})

/** The names of the items that are whole in the unit, else which ones they are. */
function named({ writes, count }: AuditedUnit): string {
  const names = writes.map(({ before, after, rowId }) => {
    const name = after?.['name'] ?? before?.['name']
    return typeof name === 'string' ? name : `Item ${rowId}`
  })
  return describeMany(names, count)
}

const staff = { audience: 'staff', describe: named } as const
const becomes = (isActive: boolean) => (unit: AuditedUnit) =>
  unit.writes[0]?.after?.['is_active'] === isActive

const created = { ...staff, type: 'item_created', title: 'Item added' }
const imported = { ...created, type: 'items_imported', title: 'Items imported' }
const removed = { ...staff, type: 'item_deleted', title: 'Item deleted' }
const changed = {
  ...staff,
  type: 'item_changed',
  title: 'Item changed',
  describe: ({ writes: [first] }: AuditedUnit) => (first ? describeChanges(first) : ''),
}
const restored = { ...staff, type: 'item_restored', title: 'Item restored' }

/** The catalogue is public: staff may read what becomes of it. */
export const itemActivity: Activities = {
  'item.create': created,
  'item.change': changed,
  'item.remove': removed,
  'admin.item.create': created,
  'admin.item.change': changed,
  'admin.item.remove': removed,
  'admin.item.restore': restored,
  'admin.item.toggle': [
    { ...staff, type: 'item_activated', title: 'Item activated', when: becomes(true) },
    { ...staff, type: 'item_deactivated', title: 'Item deactivated' },
  ],
  'admin.item.import': imported,
  'import.item': imported,
  'admin.item.bulk_delete': { ...removed, type: 'items_deleted', title: 'Items deleted for good' },
}
