import type { Service, ServiceContext, ServiceOverride } from './service.ts'

/** The context of a running app: each service is made once, at its first use. */
export function createServices(
  base: Omit<ServiceContext, 'use'>,
  overrides: readonly ServiceOverride[] = [],
): ServiceContext {
  const made = new Map<Service<unknown>, unknown>(overrides)
  const underway = new Set<Service<unknown>>()
  const context: ServiceContext = Object.freeze({
    ...base,
    use: <T>(service: Service<T>): T => {
      if (made.has(service)) return made.get(service) as T
      if (underway.has(service)) throw new TypeError(`Service ${service.name} needs itself.`)
      underway.add(service)
      try {
        const value = service.create(context)
        made.set(service, value)
        return value
      } finally {
        underway.delete(service)
      }
    },
  })
  return context
}
