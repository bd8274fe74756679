import {
  type Activities,
  type ActivitySpec,
  type AuditedUnit,
  type AuditedWrite,
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

const admin = { audience: 'admin', looksUp: [MilkType] } as const
const staff = { audience: 'staff', looksUp: [MilkSession] } as const

type Describe = ActivitySpec['describe']

/** What is told of a milk type, after its name. */
const ofType =
  (tell: (write: AuditedWrite) => string): Describe =>
  (unit, rowOf) => {
    const write = typeOf(unit)
    return write ? `${rowOf(write)?.['name'] ?? 'Unknown'}: ${tell(write)}` : ''
  }

/** The milk type that a call was about, and not those that only moved up. */
function typeOf({ writes }: AuditedUnit): AuditedWrite | undefined {
  const types = writes.filter(({ model }) => model === MilkType.name)
  const isMore = ({ after }: AuditedWrite) =>
    Object.keys(after ?? {}).some((name) => name !== 'display_order' && name !== 'updated_at')
  return types.find(isMore) ?? types.sort((a, b) => jumpOf(b) - jumpOf(a))[0]
}

function jumpOf({ before, after }: AuditedWrite): number {
  return Math.abs(Number(after?.['display_order']) - Number(before?.['display_order']))
}

const becomes = (active: boolean) => (unit: AuditedUnit) =>
  typeOf(unit)?.after?.['active'] === active

/** What a unit wrote to its session, which comes before its entries. */
function sessionOf({ writes }: AuditedUnit): AuditedWrite | undefined {
  return writes.find(({ model }) => model === MilkSession.name)
}

const ofSession =
  (tell: (unit: AuditedUnit) => string): Describe =>
  (unit, rowOf) => {
    const write = sessionOf(unit)
    const date = write && (rowOf(write)?.['session_date'] ?? 'A day that is gone')
    return [date, tell(unit)].filter((part) => part !== '' && part !== undefined).join(': ')
  }

/** How many entries it wrote beside the session. */
function milksOf({ count }: AuditedUnit): string {
  return count === 2 ? '1 milk' : `${count - 1} milks`
}

/** A phase that was due moves the session on; a correction does not. */
const isDue = (unit: AuditedUnit) => sessionOf(unit)?.after?.['status'] !== undefined

function phase(word: string, title: string): readonly ActivitySpec[] {
  const describe = ofSession(milksOf)
  return [
    { ...staff, type: `milk_count_${word}`, title: `${title} counted`, describe, when: isDue },
    { ...staff, type: 'milk_count_corrected', title: `${title} corrected`, describe },
  ]
}

const typeChanged = { ...admin, describe: ofType(describeChanges) }

export const activity: Activities = {
  'milk_count.start': {
    ...staff,
    type: 'milk_count_started',
    title: 'Milk count started',
    describe: ofSession(() => ''),
  },
  'milk_count.night_foh': phase('foh', 'Milk at night, front,'),
  'milk_count.night_boh': phase('boh', 'Milk at night, back,'),
  'milk_count.morning': phase('morning', 'Milk in the morning'),
  'milk_count.on_order': {
    ...staff,
    type: 'milk_count_completed',
    title: 'Milk count completed',
    describe: ofSession(milksOf),
  },
  'admin.milk_count.reopen': {
    ...staff,
    type: 'milk_count_reopened',
    title: 'Milk count reopened',
    describe: ofSession(() => ''),
  },
  'admin.milk_count.redate': {
    ...admin,
    type: 'milk_count_redated',
    title: 'Date of a milk count changed',
    describe: (unit) =>
      `${sessionOf(unit)?.before?.['session_date']} → ${sessionOf(unit)?.after?.['session_date']}`,
  },
  'admin.milk_type.create': {
    ...admin,
    type: 'milk_type_created',
    title: 'Milk type added',
    describe: (unit) => String(typeOf(unit)?.after?.['name'] ?? ''),
  },
  'admin.milk_type.change': [
    {
      ...typeChanged,
      type: 'milk_type_activated',
      title: 'Milk type activated',
      when: becomes(true),
    },
    {
      ...typeChanged,
      type: 'milk_type_deactivated',
      title: 'Milk type deactivated',
      when: becomes(false),
    },
    { ...typeChanged, type: 'milk_type_updated', title: 'Milk type changed' },
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
    describe: ofType(({ before, after }) => `${before?.['par_value']} → ${after?.['par_value']}`),
  },
}
