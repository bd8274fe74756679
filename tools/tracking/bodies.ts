import { z } from 'zod'
import { idParam } from '#kit/http'
import { categorySchema, codeSchema, nameSchema, TrackingItem } from './model.ts'

/** As many as a page of a list can answer. */
export const mostLines = 100
const mostItems = 200

/** An item's id, or a code. */
export const refParam = codeSchema.or(idParam(TrackingItem))

const named = { name: nameSchema, category: categorySchema }

export const addBody = z
  .strictObject({ ...named, code: codeSchema.nullable().optional() })
  .meta({ id: 'TrackingItemInput' })

export const editBody = z
  .strictObject({ name: named.name.optional(), category: named.category.optional() })
  .refine((value) => Object.keys(value).length > 0, 'Must name at least one field.')
  .meta({ id: 'TrackingItemPatch', minProperties: 1 })

export const restoreBody = z
  .strictObject({ code: codeSchema.optional(), new_code: z.literal(true).optional() })
  .refine(
    ({ code, new_code }) => code === undefined || new_code === undefined,
    'Give a code, or ask for a new one: not both.',
  )
  .prefault({})
  .meta({ id: 'TrackingRestore' })

const line = z
  .strictObject({
    ...named,
    code: codeSchema.optional(),
    quantity: z.int().min(1).max(100).optional(),
  })
  .meta({ id: 'TrackingBulkLine' })

/** Also told where a line has faults of its own. */
const always = { when: () => true }

export const bulkAddBody = z
  .strictObject({
    items: z
      .array(line)
      .min(1)
      .max(mostLines)
      .superRefine((lines, context) => {
        for (const { at, member, message } of faultsAcross(lines))
          context.addIssue({ code: 'custom', path: at === undefined ? [] : [at, member], message })
      }, always),
  })
  .meta({ id: 'TrackingBulkAdd' })

export const bulkRemoveBody = z
  .strictObject({
    codes: z
      .array(codeSchema)
      .min(1)
      .max(mostLines)
      .superRefine((codes, context) => {
        for (const at of repeatsIn(codes))
          context.addIssue({ code: 'custom', path: [at], message: 'Is given twice.' })
      }, always),
  })
  .meta({ id: 'TrackingBulkRemove' })

interface LineFault {
  /** Undefined: the lines as a whole. */
  readonly at: number | undefined
  readonly member: string
  readonly message: string
}

/** What is wrong between members and between lines, whatever they may be. */
function faultsAcross(lines: unknown): LineFault[] {
  if (!Array.isArray(lines)) return []
  const codes = lines.map((given) => given?.code)
  const quantities = lines.map((given) => given?.quantity)
  const both = lines.flatMap((_, at) =>
    codes[at] !== undefined && quantities[at] !== undefined
      ? [{ at, member: 'quantity', message: 'Must not be given together with a code.' }]
      : [],
  )
  const repeated = repeatsIn(codes).map((at) => ({
    at,
    member: 'code',
    message: 'Is given twice.',
  }))
  const sum = quantities.reduce((total, each) => total + (Number.isInteger(each) ? each : 1), 0)
  const message = `Must be at most ${mostItems} items in all.`
  const tooMany = sum > mostItems ? [{ at: undefined, member: '', message }] : []
  return [...both, ...repeated, ...tooMany]
}

/** The places of texts that stand before already. */
function repeatsIn(texts: unknown): number[] {
  if (!Array.isArray(texts)) return []
  return texts.flatMap((text, at) =>
    typeof text === 'string' && texts.indexOf(text) < at ? [at] : [],
  )
}
