import { invalidInput, toInstant } from '#kit/core'
import { closeUp, lastPlace, listOrdered, listWithInactive, moveTo, reorder } from '#kit/db'
import { defineRoute, flagQuery, idParam, itemOrdersBody, pageOf, rowsOf } from '#kit/http'
import { parBody, typeBody, typePatch } from './bodies.ts'
import { MilkType } from './model.ts'
import { allPars, onePar } from './views.ts'

const path = '/api/milk-count/admin/milk-types'
const parPath = '/api/milk-count/admin/par-levels'

const activeRoute = defineRoute({
  name: 'milk_count.milk_types',
  summary: 'List the active milk types in their order',
  access: 'staff',
  method: 'GET',
  path: '/api/milk-count/milk-types',
  result: pageOf(MilkType),
  handle: async ({ db }) => wholePage(await listOrdered(db(MilkType))),
})

const listRoute = defineRoute({
  name: 'admin.milk_type.list',
  summary: 'List milk types in their order',
  access: 'admin',
  method: 'GET',
  path,
  query: { include_inactive: flagQuery('Adds inactive ones behind the active ones.') },
  result: pageOf(MilkType),
  handle: async ({ db, query }) => {
    const types = db(MilkType)
    return wholePage(await (query.include_inactive ? listWithInactive(types) : listOrdered(types)))
  },
})

function wholePage<R>(rows: readonly R[]) {
  return { rows, next: undefined, total: undefined }
}

const createRoute = defineRoute({
  name: 'admin.milk_type.create',
  summary: 'Add a milk type, as the last',
  description: 'It is counted from the next session on.',
  access: 'admin',
  method: 'POST',
  path,
  body: typeBody,
  result: MilkType,
  status: 201,
  problems: ['conflict'],
  handle: async ({ db, body }) => {
    const types = db(MilkType)
    return types.create({ ...body, display_order: await lastPlace(types) })
  },
})

const reorderRoute = defineRoute({
  name: 'admin.milk_type.reorder',
  summary: 'Put all active milk types into another order',
  access: 'admin',
  method: 'PUT',
  path: `${path}/reorder`,
  body: itemOrdersBody,
  result: rowsOf(MilkType),
  handle: async ({ db, body }) => {
    const types = db(MilkType)
    await reorder(types, body.item_orders)
    return listOrdered(types)
  },
})

const changeRoute = defineRoute({
  name: 'admin.milk_type.change',
  summary: 'Change a milk type',
  description: 'One that becomes active again is the last, unless it is told its place.',
  access: 'admin',
  method: 'PUT',
  path: `${path}/:id`,
  params: { id: idParam(MilkType) },
  body: typePatch,
  result: MilkType,
  problems: ['not_found', 'conflict'],
  handle: async ({ db, params: { id }, body: { display_order: place, ...changes } }) => {
    const types = db(MilkType)
    const before = await types.get(id)
    const returns = changes.active === true && !before.active
    const last = returns ? { display_order: await lastPlace(types) } : {}
    const type = await types.change(id, { ...changes, ...last })
    if (before.active && !type.active) await closeUp(types)
    if (place === undefined) return type
    if (!type.active) throw placeless()
    await moveTo(types, id, place)
    return types.get(id)
  },
})

function placeless() {
  const message = 'A milk type that is not active has no place.'
  return invalidInput([{ path: 'display_order', code: 'inactive', message }])
}

const parsRoute = defineRoute({
  name: 'admin.milk_par.list',
  summary: 'List the par levels of active milk types',
  access: 'admin',
  method: 'GET',
  path: parPath,
  result: allPars,
  handle: ({ db }) => listOrdered(db(MilkType)),
})

const parRoute = defineRoute({
  name: 'admin.milk_par.change',
  summary: 'Say how much of a milk there should be',
  access: 'admin',
  method: 'PUT',
  path: `${parPath}/:milk_type_id`,
  params: { milk_type_id: idParam(MilkType) },
  body: parBody,
  entity: MilkType,
  result: onePar,
  problems: ['not_found'],
  handle: ({ db, actor, params, body: { par_value }, nowMs }) =>
    db(MilkType).change(params.milk_type_id, (type) =>
      type.par_value === par_value
        ? {}
        : { par_value, par_updated_at: toInstant(nowMs()), par_updated_by: actor.id },
    ),
})

export const typeRoutes = [
  activeRoute,
  listRoute,
  createRoute,
  reorderRoute,
  changeRoute,
  parsRoute,
  parRoute,
]
