import {
  type Activities,
  type ActivitySpec,
  type AuditedUnit,
  defineAdmin,
  describeChanges,
} from '#kit/admin'
import { RtdeItem } from './model.ts'

/** Its routes are those of the tool, under `/api/rtde`. */
export const itemAdmin = defineAdmin(RtdeItem, {
  path: '/api/rtde/admin/items',
  label: 'Display items',
  columns: ['display_order', 'name', 'brand', 'icon', 'par_level', 'active', 'updated_at'],
  only: [],
  import: false,
})

const admin = { audience: 'admin' } as const

/** The item that the call was about: others only moved up. */
const becomes = (active: boolean) => (unit: AuditedUnit) =>
  unit.writes[0]?.model === RtdeItem.name && unit.writes[0].after?.['active'] === active

function changed({ writes: [first] }: AuditedUnit): string {
  return first ? describeChanges(first) : ''
}

function named({ writes: [first] }: AuditedUnit): string {
  return String(first?.after?.['name'] ?? first?.before?.['name'] ?? `Item ${first?.rowId}`)
}

function restocked({ writes }: AuditedUnit): string {
  const record = writes.find(({ model, action }) => model === 'rtde_restock' && action === 'create')
  const { lines_pulled = 0, units_pulled = 0, uncounted = 0 } = record?.after ?? {}
  return `Fetched: ${units_pulled} (lines: ${lines_pulled}); not counted: ${uncounted}`
}

const activated: ActivitySpec = {
  ...admin,
  type: 'rtde_item_activated',
  title: 'Display item activated',
  describe: changed,
  when: becomes(true),
}
const deactivated: ActivitySpec = {
  ...admin,
  type: 'rtde_item_deactivated',
  title: 'Display item deactivated',
  describe: changed,
  when: becomes(false),
}

export const rtdeActivity: Activities = {
  'rtde.complete': {
    type: 'rtde_completed',
    audience: 'staff',
    title: 'Display restocked',
    describe: restocked,
  },
  'rtde.start': 'untold',
  'rtde.count': 'untold',
  'rtde.pull': 'untold',
  'admin.rtde_item.create': {
    ...admin,
    type: 'rtde_item_created',
    title: 'Display item added',
    describe: named,
  },
  'admin.rtde_item.change': [
    activated,
    deactivated,
    { ...admin, type: 'rtde_item_updated', title: 'Display item changed', describe: changed },
  ],
  'admin.rtde_item.remove': [
    deactivated,
    { ...admin, type: 'rtde_item_deleted', title: 'Display item deleted', describe: named },
  ],
  'admin.rtde_item.reorder': {
    ...admin,
    type: 'rtde_items_reordered',
    title: 'Display items reordered',
    describe: ({ count }) => `${count} items moved`,
  },
}
