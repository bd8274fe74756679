export { createHttpApp, type HttpApp, type HttpAppOptions } from './app.ts'
export { checkRoutes, type RouteFault } from './check-routes.ts'
export { isKnown } from './conditional.ts'
export { type CrudOptions, type CrudVerb, crud } from './crud.ts'
export { csvBody } from './csv/csv-body.ts'
export { type CsvColumn, type CsvOptions, csvOf } from './csv/csv-of.ts'
export {
  type DateRange,
  type DayRange,
  dayRangeQuery,
  type InstantRange,
  toDateRange,
  toDayRange,
} from './day-range.ts'
export { createRoute, defineRoute, type RouteDeclaration } from './define-route.ts'
export { type DroppedFiles, droppedFiles } from './dropped-files.ts'
export type { Answer } from './exchange.ts'
export { flagQuery } from './flag-query.ts'
export { type Html, type HtmlPart, html } from './html/html.ts'
export { printOf } from './html/print-of.ts'
export { idempotencyKeptMs } from './idempotency.ts'
export { IdempotencyKey } from './idempotency-key.ts'
export { itemOrdersBody } from './item-orders.ts'
export { idParam, type ListQuery, type ListQueryOptions, listQuery } from './list-query.ts'
export { bearerTokenOf } from './middleware/bearer.ts'
export { objectOf, orNull } from './object-of.ts'
export { toOpenApi } from './openapi.ts'
export { type NamesOf, peopleNames } from './people.ts'
export { createPublicTool, type Identity } from './public-routes.ts'
export { createdOf, message, pageOf, rowsOf } from './results.ts'
export type { Service, ServiceContext, ServiceOverride, Use } from './service.ts'
export { defineService } from './service.ts'
export { createServices } from './services.ts'
export type {
  Authenticated,
  Authenticator,
  AuthenticatorService,
  BodyForm,
  BodyStream,
  Client,
  HttpTool,
  Method,
  PageOf,
  ParamSchemas,
  PrintedPage,
  PrintScene,
  Result,
  Route,
  RouteAccess,
  RouteSpec,
  SignedIn,
} from './types.ts'
