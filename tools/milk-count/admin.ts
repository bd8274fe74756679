import {
  type Activities,
  type ActivitySpec,
  type AuditedUnit,
  defineAdmin,
  describeChanges,
} from '#kit/admin'
import { MilkSession, MilkType } from './model.ts'

/** Its routes are those of the tool, under `/api/milk-count`. */
export const typeAdmin = defineAdmin(MilkType, {
  path: '/api/milk-count/admin/milk-types',
  label: 'Milk types',
  columns: ['display_order', 'name', 'category', 'par_value', 'active', 'par_updated_at'],
  only: [],
  import: false,
})

const admin = { audience: 'admin' } as const
const staff = { audience: 'staff' } as const

function changed({ writes: [first] }: AuditedUnit): string {
  return first ? describeChanges(first) : ''
}

function named({ writes: [first] }: AuditedUnit): string {
  return String(first?.after?.['name'] ?? '')
}

const becomes =
  (active: boolean) =>
  ({ writes: [first] }: AuditedUnit) =>
    first?.model === MilkType.name && first.after?.['active'] === active

/** What a unit wrote to its session, which comes before its entries. */
function sessionOf({ writes }: AuditedUnit) {
  return writes.find(({ model }) => model === MilkSession.name)
}

function dayOf(unit: AuditedUnit): string {
  return String(sessionOf(unit)?.after?.['session_date'] ?? '')
}

function linesOf({ count }: AuditedUnit): string {
  return count === 2 ? '1 milk' : `${count - 1} milks`
}

/** A phase that was due moves the session on; a correction does not. */
const isDue = (unit: AuditedUnit) => sessionOf(unit)?.after?.['status'] !== undefined

function phase(word: string, title: string): readonly ActivitySpec[] {
  return [
    { ...staff, type: `milk_count_${word}`, title, describe: linesOf, when: isDue },
    { ...staff, type: 'milk_count_corrected', title: `${title}: corrected`, describe: linesOf },
  ]
}

export const activity: Activities = {
  'milk_count.start': {
    ...staff,
    type: 'milk_count_started',
    title: 'Milk count started',
    describe: dayOf,
  },
  'milk_count.night_foh': phase('foh', 'Night count, front'),
  'milk_count.night_boh': phase('boh', 'Night count, back'),
  'milk_count.morning': phase('morning', 'Morning count'),
  'milk_count.on_order': {
    ...staff,
    type: 'milk_count_completed',
    title: 'Milk count completed',
    describe: linesOf,
  },
  'admin.milk_count.reopen': {
    ...staff,
    type: 'milk_count_reopened',
    title: 'Milk count reopened',
    describe: changed,
  },
  'admin.milk_count.redate': {
    ...admin,
    type: 'milk_count_redated',
    title: 'Date of a milk count changed',
    describe: changed,
  },
  'admin.milk_type.create': {
    ...admin,
    type: 'milk_type_created',
    title: 'Milk type added',
    describe: named,
  },
  'admin.milk_type.change': [
    {
      ...admin,
      type: 'milk_type_activated',
      title: 'Milk type activated',
      describe: changed,
      when: becomes(true),
    },
    {
      ...admin,
      type: 'milk_type_deactivated',
      title: 'Milk type deactivated',
      describe: changed,
      when: becomes(false),
    },
    { ...admin, type: 'milk_type_updated', title: 'Milk type changed', describe: changed },
  ],
  'admin.milk_type.reorder': {
    ...admin,
    type: 'milk_types_reordered',
    title: 'Milk types reordered',
    describe: ({ count }) => `${count} milk types moved`,
  },
  'admin.milk_par.change': {
    ...admin,
    type: 'milk_par_updated',
    title: 'Par of a milk changed',
    describe: ({ writes: [first] }) =>
      `${first?.before?.['par_value']} → ${first?.after?.['par_value']}`,
  },
}
