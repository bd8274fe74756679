export { LiveHub } from './hub.ts'
export { createLive, type Live } from './live.ts'
