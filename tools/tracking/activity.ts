import {
  type Activities,
  type AuditedUnit,
  type AuditedWrite,
  describeChanges,
  describeMany,
} from '#kit/admin'

/** Every box leaves three writes: its own, that of its code, that of its history. */
const writesForEach = 3

const history = ({ model }: AuditedWrite) => model === 'tracking_history'
const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** `Oat (0042), Soy (1234) and 3 more`; of very many that are taken out only how many they are. */
function named({ writes, count }: AuditedUnit): string {
  const told = writes.some(history)
    ? writes.filter(history).map(({ after }) => nameOf(after?.['item_name'], after?.['item_code']))
    : writes
        .filter(({ action }) => action === 'create')
        .map(({ after }) => nameOf(after?.['name'], after?.['code']))
  const boxes = Math.max(told.length, Math.round(count / writesForEach))
  return told.length === 0 ? `${boxes} items` : describeMany(told, boxes)
}

function nameOf(name: unknown, code: unknown): string {
  return `${text(name)} (${text(code)})`
}

function edited({ writes }: AuditedUnit): string {
  const { after } = writes.find(history) ?? {}
  return `${nameOf(after?.['item_name'], after?.['item_code'])}: ${text(after?.['notes'])}`
}

const staff = { audience: 'staff', describe: named } as const
const added = { ...staff, type: 'inventory_add', title: 'Item added' }
const removed = { ...staff, type: 'inventory_remove', title: 'Item removed' }

function template({ writes: [first] }: AuditedUnit): string {
  return text(first?.after?.['name'] ?? first?.before?.['name'])
}

const admin = { audience: 'admin', describe: template } as const

export const activity: Activities = {
  'tracking.item.create': added,
  'tracking.item.bulk_create': { ...added, title: 'Items added' },
  'tracking.item.remove': removed,
  'tracking.item.bulk_remove': { ...removed, title: 'Items removed' },
  'tracking.item.restore': { ...staff, type: 'inventory_restore', title: 'Item restored' },
  'tracking.item.change': {
    audience: 'staff',
    type: 'inventory_edit',
    title: 'Item edited',
    describe: edited,
  },
  'name_template.create': { ...admin, type: 'template_created', title: 'Template added' },
  'name_template.change': {
    ...admin,
    type: 'template_updated',
    title: 'Template changed',
    describe: ({ writes: [first] }) => (first ? describeChanges(first) : ''),
  },
  'name_template.remove': { ...admin, type: 'template_deleted', title: 'Template deleted' },
}
