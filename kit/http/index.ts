export { checkRoutes, type RouteFault } from './check-routes.ts'
export { crud, type CrudOptions } from './crud.ts'
export { createHttpApp, type HttpApp, type HttpAppOptions } from './app.ts'
export { defineRoute } from './define-route.ts'
export { IdempotencyKey } from './idempotency.ts'
export { toOpenApi } from './openapi.ts'
export { message, pageOf } from './results.ts'
export { createServices, defineService } from './services.ts'
export type { Service, ServiceContext, ServiceOverride, Use } from './service.ts'
export type {
  Authenticated,
  Authenticator,
  AuthenticatorService,
  Client,
  Method,
  PageOf,
  Result,
  Route,
  RouteAccess,
  RouteSpec,
  SignedIn,
} from './types.ts'
