import { fetchKeys, KeysUnavailable } from '#kit/auth'
import { broken, type Check, doubtful, sound } from './check.ts'

/** Whether the keys of another issuer, whose tokens are accepted, can be had from here. */
export const issuerCheck: Check = {
  name: 'issuer',
  look: async ({ config }) => {
    const issuer = config?.issuer
    if (issuer === undefined) return []
    const { jwksUrl, audience } = issuer
    const loose = audience === undefined ? [doubtful(anyAudience, 'Set AUTH_AUDIENCE.')] : []
    if (jwksUrl === undefined) return [...loose, sound('HS256 tokens under BETTER_AUTH_SECRET')]
    try {
      const { keys } = await fetchKeys(jwksUrl)
      return keys.length > 0
        ? [...loose, sound(`${keys.length} ${keys.length === 1 ? 'key' : 'keys'} at ${jwksUrl}`)]
        : [...loose, doubtful(`There are no keys at ${jwksUrl}.`, repair)]
    } catch (error) {
      if (!(error instanceof KeysUnavailable)) throw error
      return [...loose, broken(`${jwksUrl}: ${error.message}`, repair)]
    }
  },
}

const anyAudience = 'Tokens under BETTER_AUTH_SECRET are accepted whomever they are for.'
const repair = 'Open AUTH_JWKS_URL from this machine; until it answers, its tokens are refused.'
