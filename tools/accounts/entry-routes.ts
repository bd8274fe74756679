import { defineRoute, message } from '#kit/http'
import { loginBody, refreshBody, registerBody, signupBody } from './bodies.ts'
import { recordLogin, verifyLogin } from './log-in.ts'
import { logOut } from './log-out.ts'
import { prepareRegistration, type RegisterRequest, register } from './registration.ts'
import { type OpeningRequest, openSession, sessionRenewal, signSession } from './sessions.ts'
import { pairView, signedInView } from './views.ts'

/** What both ways to register have in common. */
const registering = {
  access: 'anyone',
  method: 'POST',
  result: signedInView,
  status: 201,
  problems: ['forbidden', 'conflict', 'rate_limited', 'unavailable'],
  system: 'registration: there is no actor yet',
  prepare: prepareRegistration,
  handle: async (request: RegisterRequest & OpeningRequest) => {
    const user = await register(request)
    return { ...(await openSession(request, request.prepared.signed)), user }
  },
} as const

/** How one gets in and out. */
export const entryRoutes = [
  defineRoute({
    ...registering,
    name: 'auth.register',
    summary: 'Register an account',
    path: '/api/auth/register',
    body: registerBody,
  }),
  defineRoute({
    ...registering,
    name: 'auth.signup',
    summary: 'Register an account by e-mail address',
    path: '/api/auth/signup',
    body: signupBody,
  }),
  defineRoute({
    name: 'auth.login',
    summary: 'Log in',
    description:
      'By username or e-mail address and password, or by partner number and PIN. After 5 failures for an account, or 20 from an address, in 15 minutes every attempt is answered 429 for a time that grows.',
    access: 'anyone',
    method: 'POST',
    path: '/api/auth/login',
    body: loginBody,
    result: signedInView,
    problems: ['unauthenticated', 'forbidden', 'rate_limited', 'unavailable'],
    system: 'log-in: there is no actor yet',
    prepare: async (request) => {
      const verified = await verifyLogin(request)
      return { verified, signed: await signSession(request, verified.userId) }
    },
    handle: async (request) => {
      const user = await recordLogin(request, request.prepared.verified)
      return { ...(await openSession(request, request.prepared.signed)), user }
    },
  }),
  defineRoute({
    name: 'auth.refresh',
    summary: 'Get a new pair of tokens',
    description:
      'A refresh token works once. One that is used again ends its session, since one of its two users has stolen it.',
    access: 'anyone',
    method: 'POST',
    path: '/api/auth/refresh',
    body: refreshBody,
    result: pairView,
    problems: ['unauthenticated'],
    prepare: ({ use, body }) => use(sessionRenewal).renew(body.refresh_token),
    handle: ({ prepared }) => prepared,
  }),
  defineRoute({
    name: 'auth.logout',
    summary: 'End this session',
    description:
      'With a token of another issuer: no token that it issued until now is good here any more.',
    access: 'user',
    method: 'POST',
    path: '/api/auth/logout',
    result: message('Logged out'),
    onHold: 'allowed',
    handle: logOut,
  }),
]
