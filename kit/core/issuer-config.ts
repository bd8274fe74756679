import type { Config, IssuerConfig } from './config.ts'
import type { ConfigReader } from './config-reader.ts'
import { anyText, keysAddress } from './config-values.ts'

/** Whose tokens are accepted beside our own, and for whom they must be. Undefined where nobody's are. */
export function readIssuer(reader: ConfigReader, env: Config['env']): IssuerConfig | undefined {
  const { read, find } = reader
  const isSet = (name: string) => find([name]) !== undefined
  const hasSecret = isSet('BETTER_AUTH_SECRET')
  const isAny = ['AUTH_ISSUER', 'AUTH_JWKS_URL', 'AUTH_AUDIENCE'].some(isSet)
  if (!isAny && !hasSecret) return undefined
  assertWhole(reader, hasSecret)
  if (env === 'production' && !isSet('AUTH_AUDIENCE'))
    reader.fault(
      'AUTH_AUDIENCE',
      'It is not set, and production takes no tokens that were made for somebody else.',
      'Set what the issuer writes into "aud"; for Better Auth that is its own address.',
    )
  const issuer = read(['AUTH_ISSUER'], anyText, undefined)
  return Object.freeze({
    issuer,
    jwksUrl: read(['AUTH_JWKS_URL'], keysAddress(env === 'production'), undefined),
    // Better Auth's tokens carry their issuer as the audience (RFC 8725, 3.9: some audience is to be checked).
    audience: read(['AUTH_AUDIENCE'], anyText, issuer),
  })
}

function assertWhole({ find, fault }: ConfigReader, hasSecret: boolean): void {
  const isMissing = (name: string) => find([name]) === undefined
  if (isMissing('AUTH_ISSUER') && !(hasSecret && isMissing('AUTH_JWKS_URL')))
    fault('AUTH_ISSUER', 'It is not set.', 'Set what the issuer writes into "iss".')
  if (isMissing('AUTH_JWKS_URL') && !hasSecret)
    fault('AUTH_JWKS_URL', 'It is not set.', 'Set where the issuer publishes its keys.')
}
