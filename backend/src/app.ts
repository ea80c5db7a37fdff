import Fastify, { LogController } from 'fastify'
import type { Config } from './config.ts'
import { ownAccountRoutes, registrationRoutes } from './features/accounts/routes.ts'
import { overviewRoutes } from './features/admin/overview-routes.ts'
import { userAdministrationRoutes } from './features/admin/routes.ts'
import { securityEventRoutes } from './features/audit/routes.ts'
import type { AccessTokens } from './features/auth/access-tokens.ts'
import { createAuthenticate } from './features/auth/authenticate.ts'
import type { RevokedSessions } from './features/auth/revoked-sessions.ts'
import { ownSessionRoutes, signInRoutes } from './features/auth/routes.ts'
import { exportRoutes } from './features/export/routes.ts'
import { createExports } from './features/export/start-export.ts'
import { healthRoutes } from './features/health/routes.ts'
import { linkRoutes } from './features/links/routes.ts'
import type { ProbeCertificate } from './features/metrics/certificate.ts'
import { phraseAdministrationRoutes } from './features/phrases/admin-routes.ts'
import { phraseRoutes, publicPhraseRoutes } from './features/phrases/routes.ts'
import { profileRoutes } from './features/profile/routes.ts'
import { claimRoutes, resetRoutes } from './features/recovery/routes.ts'
import { registrationSettingRoutes, registrationStateRoutes } from './features/registration/routes.ts'
import { isAdministrator } from './features/roles/queries.ts'
import type { Cards } from './features/sharing/cards.ts'
import type { Live } from './features/sharing/live.ts'
import type { ReadyViews } from './features/sharing/ready-views.ts'
import { ownViewRoutes, sharingRoutes } from './features/sharing/routes.ts'
import { moderationRoutes, suggestionRoutes } from './features/suggestions/routes.ts'
import { coreTimerRoutes } from './features/timers/core-routes.ts'
import { incidentRoutes } from './features/timers/incident-routes.ts'
import { timerRoutes } from './features/timers/routes.ts'
import { statsRoutes } from './features/timers/stats-routes.ts'
import { transferRoutes } from './features/transfer/routes.ts'
import { ApiError } from './http/api-error.ts'
import { answerClientError } from './http/client-errors.ts'
import { answerListedOrigins, refuseOtherSites } from './http/cross-origin.ts'
import { limitTime } from './http/deadline.ts'
import { handleError, sendProblem, toApiError } from './http/error-handler.ts'
import { requireAdmin, requireUser } from './http/guards.ts'
import { setStandardHeaders, useStandardHeaders } from './http/headers.ts'
import { useJsonBodies } from './http/json-bodies.ts'
import { collectKnownPaths } from './http/known-paths.ts'
import { shedLoad } from './http/load-shedding.ts'
import { logAnswers, loggerOptions, requestIdOf } from './http/logging.ts'
import { measureAnswers, type AnswerMeasured } from './http/measure.ts'
import { describeRoutes, openApiRoutes } from './http/openapi.ts'
import { useContractSchemas, type App } from './http/schemas.ts'
import type { Database } from './platform/database.ts'
import type { Tally } from './platform/tally.ts'

/** What the application is built from. The server and the tests give the same kinds of things. */
export interface Parts {
  config: Config
  sql: Database
  tokens: AccessTokens
  /** The first makes successors of refresh tokens, all are accepted. */
  refreshKeys: [Buffer, ...Buffer[]]
  revoked: RevokedSessions
  /** Everyone who looks at a timer live. */
  live: Live
  /** The public views that are asked for now. */
  readyViews: ReadyViews
  /** Draws cards, one at a time. */
  cards: Cards
  version: string
  /** Looks at the certificate that visitors get; null where none is watched. */
  probeCertificate: ProbeCertificate | null
  tally: Tally
  /** Told of every answer; null where nobody looks at metrics. */
  observe: ((answer: AnswerMeasured) => void) | null
  /** `draining`: still answering, but asking for no more. */
  state: { draining: boolean }
}

export interface AppOptions {
  /** Fail on an answer that its schema does not describe exactly. For tests. */
  checkAnswers?: boolean
  /** Replaces the logger's own output. For tests. */
  logStream?: { write: (line: string) => void }
  /** Requests at once before more are refused. */
  maxInFlight?: number
}

const BODY_LIMIT = 64 * 1024
/** Below the 30 s after which nginx gives up. */
const ANSWER_WITHIN_MS = 15_000

/** Builds the API from its parts; nothing here listens, reads the environment or opens a connection. */
export function buildApp(parts: Parts, options: AppOptions = {}): App {
  const app = Fastify({
    logger: loggerOptions(parts.config.logLevel, options.logStream),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    trustProxy: parts.config.trustProxy,
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 1024 },
    // Every wait has an end: a whole request, its headers, an idle connection (longer than nginx keeps its own).
    // nginx passes bodies on as they come, so it is here that one which drips a byte now and then is cut within 10 s.
    requestTimeout: 8_000,
    connectionTimeout: 0,
    keepAliveTimeout: 75_000,
    http: { headersTimeout: 8_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    // Before any route is found no hook runs.
    frameworkErrors: (error, request, reply) => {
      setStandardHeaders(request, reply)
      sendProblem(reply, toApiError(error))
    },
  }) as unknown as App

  // Streams have no end of their own; a card may be under way.
  app.addHook('preClose', (done) => {
    parts.live.drain()
    parts.cards.close()
    done()
  })
  app.setErrorHandler(handleError)
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, new ApiError('NOT_FOUND')))
  app.decorateRequest('caller', null)
  useJsonBodies(app, BODY_LIMIT)
  useContractSchemas(app, { checkAnswers: options.checkAnswers ?? false })
  limitTime(app, ANSWER_WITHIN_MS)
  const origins = { siteUrl: parts.config.siteUrl, allowed: parts.config.corsOrigins }
  answerListedOrigins(app, origins)
  shedLoad(app, options.maxInFlight ?? 500, parts.tally)
  refuseOtherSites(app, origins, { personal: false })
  useStandardHeaders(app, parts.state)
  logAnswers(app)
  if (parts.observe) measureAnswers(app, parts.observe)
  describeRoutes(app, { name: parts.config.siteName, version: parts.version })

  void app.register(
    (api: App, _options, done) => {
      const paths = collectKnownPaths(api)
      openApiRoutes(api)
      void api.register(healthRoutes(parts))
      void api.register(registrationRoutes(parts))
      void api.register(registrationStateRoutes(parts))
      void api.register(signInRoutes(parts))
      void api.register(resetRoutes(parts))
      void api.register(sharingRoutes(parts))
      void api.register(publicPhraseRoutes(parts))

      // Everything in here needs a signed-in user; a route cannot forget it.
      void api.register((signedIn: App, _signedInOptions, signedInDone) => {
        refuseOtherSites(signedIn, origins, { personal: true })
        signedIn.addHook('onRequest', requireUser(createAuthenticate(parts)))
        signedIn.addHook('onRoute', (route) => {
          if (route.schema) route.schema.security = [{ bearer: [] }]
        })
        void signedIn.register(ownSessionRoutes(parts))
        void signedIn.register(profileRoutes(parts))
        void signedIn.register(ownAccountRoutes(parts))
        void signedIn.register(securityEventRoutes(parts))
        const startExport = createExports(parts.sql)
        void signedIn.register(exportRoutes({ ...parts, startExport }))
        void signedIn.register(transferRoutes({ ...parts, startExport }))
        void signedIn.register(claimRoutes(parts))
        void signedIn.register(timerRoutes(parts))
        void signedIn.register(linkRoutes(parts))
        void signedIn.register(ownViewRoutes(parts))
        void signedIn.register(coreTimerRoutes(parts))
        void signedIn.register(incidentRoutes(parts))
        void signedIn.register(statsRoutes(parts))
        void signedIn.register(phraseRoutes(parts))
        void signedIn.register(suggestionRoutes(parts))

        // And everything in here an administrator.
        void signedIn.register((administration: App, _administrationOptions, administrationDone) => {
          administration.addHook(
            'onRequest',
            requireAdmin((userId) => isAdministrator(parts.sql, userId)),
          )
          void administration.register(userAdministrationRoutes(parts))
          void administration.register(overviewRoutes(parts))
          void administration.register(registrationSettingRoutes(parts))
          void administration.register(phraseAdministrationRoutes(parts))
          void administration.register(moderationRoutes(parts))
          administrationDone()
        })
        signedInDone()
      })

      void api.register((rest: App, _restOptions, restDone) => {
        paths.answerOtherMethods(rest)
        restDone()
      })
      done()
    },
    { prefix: '/backend' },
  )
  return app
}
