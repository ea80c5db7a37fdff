import { PASSWORD } from './harness.ts'

/** Who asks: nobody; the one whose things are asked for; another user; an administrator who owns none of them. */
export const ROLES = ['anon', 'other', 'admin', 'owner'] as const
export type Role = (typeof ROLES)[number]

/** What a request can be about: the owner's things, made anew for each row. */
export interface Things {
  owner: { id: string; email: string; slug: string; refreshToken: string }
  incidentId: string
  /** A timer beside the default one, and its incident. */
  timerId: string
  timerIncidentId: string
  sessionId: string
  /** A phrase that everybody may see, and one that the owner suggested. */
  phraseId: string
  suggestionId: string
  /** A link to the timer, and its secret. */
  linkId: string
  secret: string
}

/** One route: what each role is answered, and how it is asked. */
interface Row {
  status: Record<Role, number>
  /** What stands in the path for `{name}`. */
  path?: (things: Things) => Record<string, string>
  body?: (things: Things) => object
  /** What stands behind the path, with its question mark. */
  query?: string
  /**
   * The request itself brings what allows it (a password, a refresh token), or is one of an administrator about somebody: whoever
   * is answered may change and see the owner's things with it.
   */
  isEntitled?: true
}

const everyone = (status: number) => ({ anon: status, other: status, admin: status, owner: status })
/** Whoever is signed in, about oneself. */
const signedIn = (status: number) => ({ ...everyone(status), anon: 401 })
/** The owner alone. Others are told that there is no such thing, which is what they are told of one that is not there. */
const ownerOnly = (status: number) => ({ anon: 401, other: 404, admin: 404, owner: status })

/** An administrator alone, and that by the database: a token says nothing of roles. */
const adminOnly = (status: number) => ({ anon: 401, other: 403, admin: status, owner: 403 })
const timerInPath = ({ timerId }: Things) => ({ id: timerId })
const incidentInPath = ({ timerId, timerIncidentId }: Things) => ({ id: timerId, incident_id: timerIncidentId })
const addressInPath = ({ owner }: Things) => ({ user_slug: owner.slug, timer_slug: 'incident-timer' })
const secretInPath = ({ secret }: Things) => ({ secret })
const phraseInPath = ({ phraseId }: Things) => ({ id: phraseId })
const suggestionInPath = ({ suggestionId }: Things) => ({ id: suggestionId })
const ownerInPath = ({ owner }: Things) => ({ id: owner.id })

/**
 * Who may do what: every route of the API. The test beside `app.ts` compares it with the OpenAPI document and asks for each cell, so
 * that a route without a row fails, and a row that is not true.
 */
export const AUTHORIZATION: Record<string, Row> = {
  'GET /shared': { status: everyone(200) },

  'GET /health': { status: everyone(200) },
  'GET /health/db': { status: everyone(200) },
  'GET /health/ready': { status: everyone(200) },

  'POST /auth/register': {
    status: everyone(201),
    body: ({ incidentId }) => ({
      email: `${Math.random()}-${incidentId}@example.org`,
      password: PASSWORD,
      display_name: 'Somebody',
    }),
  },
  'GET /auth/registration': { status: everyone(200) },
  'POST /auth/preview-slug': { status: everyone(200), body: () => ({ display_name: 'Somebody' }) },
  'POST /auth/login': {
    status: everyone(200),
    body: ({ owner }) => ({ email: owner.email, password: PASSWORD }),
    isEntitled: true,
  },
  'POST /auth/refresh': {
    status: everyone(200),
    body: ({ owner }) => ({ refresh_token: owner.refreshToken }),
    isEntitled: true,
  },
  'POST /auth/revoke': {
    // It works once, for whoever holds the token.
    status: { anon: 200, other: 404, admin: 404, owner: 404 },
    body: ({ owner }) => ({ refresh_token: owner.refreshToken }),
    isEntitled: true,
  },

  'GET /auth/me': { status: signedIn(200) },
  'POST /auth/revoke-all': { status: signedIn(200) },
  'POST /auth/revoke-others': { status: signedIn(200) },
  'GET /auth/sessions': { status: signedIn(200) },
  'DELETE /auth/sessions/{id}': { status: ownerOnly(204), path: ({ sessionId }) => ({ id: sessionId }) },

  // There is an administrator, so nobody can become the first.
  'POST /auth/claim': { status: signedIn(404), body: () => ({ code: 'AAAA-AAAA-AAAA-AAAA' }) },
  'POST /auth/reset-password': {
    status: everyone(400),
    body: () => ({ token: 'nobody was given this', new_password: 'an evening by the sea' }),
  },

  'GET /account/profile': { status: signedIn(200) },
  'PUT /account/profile': { status: signedIn(200), body: () => ({ time_zone: 'Europe/London' }) },
  'PUT /account/password': {
    status: signedIn(204),
    body: () => ({ current_password: PASSWORD, new_password: 'an evening by the sea' }),
  },
  'GET /account/export': { status: signedIn(200) },
  'GET /account/events': { status: signedIn(200) },
  'DELETE /account': { status: signedIn(204), body: () => ({ password: PASSWORD }) },

  'GET /admin/users': { status: adminOnly(200), isEntitled: true },
  'GET /admin/stats': { status: adminOnly(200) },
  'GET /admin/audit': { status: adminOnly(200) },
  'PUT /admin/registration': { status: adminOnly(200), body: () => ({ registration: 'open' }) },
  // By then the owner is one too.
  'POST /admin/users/{id}/promote': { status: { ...adminOnly(200), owner: 200 }, path: ownerInPath, isEntitled: true },
  'POST /admin/users/{id}/demote': { status: adminOnly(200), path: ownerInPath, isEntitled: true },
  'POST /admin/users/{id}/reset-link': { status: adminOnly(201), path: ownerInPath, isEntitled: true },
  'POST /admin/users/{id}/activate': { status: adminOnly(200), path: ownerInPath, isEntitled: true },
  // By then the owner's session is dead.
  'POST /admin/users/{id}/deactivate': { status: { ...adminOnly(200), owner: 401 }, path: ownerInPath, isEntitled: true },
  'POST /admin/users/{id}/sign-out': { status: { ...adminOnly(200), owner: 401 }, path: ownerInPath, isEntitled: true },

  'GET /{user_slug}/phrase': { status: everyone(200), path: ({ owner }) => ({ user_slug: owner.slug }) },
  'GET /phrases/random': { status: signedIn(200) },
  'GET /phrases': { status: signedIn(200) },
  'GET /phrases/user': { status: signedIn(200) },
  'GET /phrases/excluded': { status: signedIn(200) },
  'POST /phrases/exclude/{id}': { status: signedIn(200), path: phraseInPath },
  'DELETE /phrases/exclude/{id}': { status: signedIn(200), path: phraseInPath },
  'GET /phrases/suggestions': { status: signedIn(200) },
  'POST /phrases/suggestions': { status: signedIn(201), body: () => ({ phrase_text: 'Another one of mine' }) },
  'POST /phrases/suggestions/seen': { status: signedIn(204), body: ({ suggestionId }) => ({ ids: [suggestionId] }) },
  'DELETE /phrases/suggestions/{id}': { status: ownerOnly(204), path: suggestionInPath },
  'GET /admin/phrases': { status: adminOnly(200) },
  'POST /admin/phrases': { status: adminOnly(201), body: () => ({ phrase_text: 'Made by an administrator' }) },
  'PUT /admin/phrases/{id}': { status: adminOnly(200), path: phraseInPath, body: () => ({ active: true }) },
  'DELETE /admin/phrases/{id}': { status: adminOnly(200), path: phraseInPath },
  'GET /admin/suggestions': { status: adminOnly(200), isEntitled: true },
  'POST /admin/suggestions/{id}/approve': { status: adminOnly(200), path: suggestionInPath, isEntitled: true },
  'POST /admin/suggestions/{id}/reject': { status: adminOnly(200), path: suggestionInPath, isEntitled: true },

  'GET /{user_slug}/incident-timer': { status: everyone(200), path: ({ owner }) => ({ user_slug: owner.slug }) },
  'GET /shared/{user_slug}/{timer_slug}': { status: everyone(200), path: addressInPath },
  // Level count: no list, for whomever.
  'GET /shared/{user_slug}/{timer_slug}/incidents': { status: everyone(404), path: addressInPath },
  // Of a stream, whose end nobody would wait for, the refusal.
  'GET /shared/{user_slug}/{timer_slug}/events': {
    status: everyone(404),
    path: () => ({ user_slug: 'nobody-of-that-name', timer_slug: 'incident-timer' }),
  },
  'GET /shared/{user_slug}/{timer_slug}/badge.svg': { status: everyone(200), path: addressInPath },
  'GET /shared/{user_slug}/{timer_slug}/card.png': { status: everyone(200), path: addressInPath },

  // Whoever holds the secret sees what the link shows: count.
  'GET /s/{secret}': { status: everyone(200), path: secretInPath, isEntitled: true },
  'GET /s/{secret}/incidents': { status: everyone(404), path: secretInPath },
  'GET /s/{secret}/events': { status: everyone(404), path: () => ({ secret: 'of-no-link' }) },
  'GET /s/{secret}/badge.svg': { status: everyone(200), path: secretInPath, isEntitled: true },
  'GET /s/{secret}/card.png': { status: everyone(200), path: secretInPath, isEntitled: true },

  'GET /timers/{id}/view': {
    status: ownerOnly(200),
    path: timerInPath,
    query: '?share_level=history',
  },
  'GET /timers/{id}/links': { status: ownerOnly(200), path: timerInPath },
  'POST /timers/{id}/links': { status: ownerOnly(201), path: timerInPath, body: () => ({ share_level: 'history' }) },
  'DELETE /timers/{id}/links/{link_id}': {
    status: ownerOnly(204),
    path: ({ timerId, linkId }) => ({ id: timerId, link_id: linkId }),
  },

  'GET /timers': { status: signedIn(200) },
  'GET /timers/{id}/export': {
    status: ownerOnly(200),
    path: timerInPath,
    query: '?format=csv',
  },
  'POST /timers/{id}/import': {
    status: ownerOnly(200),
    path: timerInPath,
    body: () => [{ occurred_at: '2026-01-01T00:00:00Z' }],
  },
  'POST /timers': { status: signedIn(201), body: () => ({ title: 'Something else' }) },
  'GET /timers/{id}': { status: ownerOnly(200), path: timerInPath },
  'PATCH /timers/{id}': { status: ownerOnly(200), path: timerInPath, body: () => ({ title: 'changed', position: 0 }) },
  'DELETE /timers/{id}': { status: ownerOnly(204), path: timerInPath },
  'GET /timers/{id}/incidents': { status: ownerOnly(200), path: timerInPath },
  'POST /timers/{id}/incidents': { status: ownerOnly(201), path: timerInPath },
  'POST /timers/{id}/incidents/preview': { status: ownerOnly(200), path: timerInPath },
  'PATCH /timers/{id}/incidents/{incident_id}': {
    status: ownerOnly(200),
    path: incidentInPath,
    body: () => ({ notes: 'changed' }),
  },
  'DELETE /timers/{id}/incidents/{incident_id}': { status: ownerOnly(204), path: incidentInPath },
  'POST /timers/{id}/incidents/{incident_id}/undo': { status: ownerOnly(200), path: incidentInPath },
  'GET /timers/{id}/stats': { status: ownerOnly(200), path: timerInPath },
  'GET /timers/{id}/charts': { status: ownerOnly(200), path: timerInPath },
  'GET /incident-timers': { status: signedIn(200) },
  'POST /incident-timers': { status: signedIn(201) },
  'PUT /incident-timers/{id}': {
    status: ownerOnly(200),
    path: ({ incidentId }) => ({ id: incidentId }),
    body: () => ({ notes: 'changed' }),
  },
  'DELETE /incident-timers/{id}': { status: ownerOnly(204), path: ({ incidentId }) => ({ id: incidentId }) },
}
