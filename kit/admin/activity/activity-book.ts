import { type AuditAction, auditActions } from '#kit/db'
import type { AnyModel } from '#kit/model'
import type { ActiveTool, ActivitySpec, AuditedUnit, RowOf } from './activity.ts'
import { type Told, toldBy, toldUsually, usualType } from './told.ts'

/** Which units of work: those of these operations; and of all but those of others, those that begin so. */
export interface Sources {
  readonly operations: readonly string[]
  readonly otherThan: readonly string[]
  readonly models: readonly string[]
  readonly actions: readonly AuditAction[]
}

/** A unit of work of an operation. */
export interface Done extends AuditedUnit {
  readonly operation: string
}

/** What the tools declare, looked up by the name of the operation. */
export interface ActivityBook {
  readonly tell: (done: Done, rowOf: RowOf) => Told & { readonly tool: string }
  /** The models whose rows what is told asks for. */
  readonly looksUp: (done: Done) => readonly AnyModel[]
  /** All types and tools that there can be. */
  readonly types: readonly string[]
  readonly tools: readonly string[]
  /** The units among which all of this type, of this tool, for staff are. */
  readonly ofType: (type: string) => Sources
  readonly ofTool: (tool: string) => Sources
  readonly forStaff: Sources
  /** The operations of which feeds tell nothing. */
  readonly untold: readonly string[]
}

type Declared = ReadonlyMap<string, readonly ActivitySpec[]>

export function createActivityBook(tools: readonly ActiveTool[]): ActivityBook {
  const entries = tools.flatMap(({ activity }) => Object.entries(activity))
  const untold = entries.flatMap(([name, specs]) => (specs === 'untold' ? [name] : []))
  const declared: Declared = new Map(
    entries.flatMap(([name, specs]) =>
      specs === 'untold' ? [] : [[name, [specs].flat()] as const],
    ),
  )
  const toolOf = new Map(tools.flatMap((tool) => operationsOf(tool).map((name) => [name, tool])))
  const ownerOf = new Map(tools.flatMap((tool) => tool.models.map(({ name }) => [name, tool])))
  const usual = [...ownerOf.keys()].flatMap((model) =>
    auditActions.map((action) => ({ model, action, type: usualType({ model, action }) })),
  )
  const specs = [...declared.values()].flat()
  const specOf = (unit: Done) =>
    declared.get(unit.operation)?.find(({ when }) => when?.(unit) ?? true)
  return {
    looksUp: (done) => specOf(done)?.looksUp ?? [],
    tell: (unit, rowOf) => {
      const { operation } = unit
      const spec = specOf(unit)
      const tool = toolOf.get(operation) ?? ownerOf.get(unit.writes[0]?.model ?? '')
      const told = spec ? toldBy(spec, unit, rowOf) : toldUsually(unit)
      return { ...told, tool: tool?.activityName ?? 'plinth' }
    },
    types: sorted([...specs, ...usual].map(({ type }) => type)),
    tools: sorted(tools.map(({ activityName }) => activityName)),
    ofType: (type) => {
      const writes = usual.filter((each) => each.type === type)
      return {
        operations: namesOf(declared, (spec) => spec.type === type),
        otherThan: namesOf(declared, ({ when }) => when === undefined),
        models: writes.map(({ model }) => model),
        actions: writes.map(({ action }) => action),
      }
    },
    ofTool: (name) => {
      const named = tools.filter(({ activityName }) => activityName === name)
      return {
        operations: named.flatMap(operationsOf),
        otherThan: [...toolOf.keys()],
        models: named.flatMap(({ models }) => models.map((model) => model.name)),
        actions: auditActions,
      }
    },
    forStaff: only(namesOf(declared, ({ audience }) => audience === 'staff')),
    untold,
  }
}

function only(operations: readonly string[]): Sources {
  return { operations, otherThan: [], models: [], actions: [] }
}

function operationsOf({ activity, routes }: ActiveTool): string[] {
  return [...Object.keys(activity), ...routes.map(({ name }) => name)]
}

function namesOf(declared: Declared, holds: (spec: ActivitySpec) => boolean): string[] {
  return [...declared].flatMap(([name, specs]) => (specs.some(holds) ? [name] : []))
}

function sorted(words: readonly string[]): string[] {
  return [...new Set(words)].sort()
}
