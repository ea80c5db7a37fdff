import { Slug, Uuid } from '@kennwilliamson/contracts/common'
import type { ErrorCode } from '@kennwilliamson/contracts/errors'
import { PAGE_SIZE, PageQuery } from '@kennwilliamson/contracts/paging'
import {
  BadgeQuery,
  ListedTimers,
  ListedTimersQuery,
  OwnViewQuery,
  PublicEntry,
  SharedIncidentList,
  SharedView,
} from '@kennwilliamson/contracts/sharing'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { openEventStream } from '../../http/event-stream.ts'
import { callerOf } from '../../http/guards.ts'
import { PUBLIC } from '../../http/headers.ts'
import { cutPage, readCursor } from '../../http/paging.ts'
import { problems } from '../../http/problems.ts'
import { HeadersOnly, sendWritten, type App, type Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { findOpenLink, noteLinkUse } from '../links/queries.ts'
import { hashLinkSecret } from '../links/secret.ts'
import { badgeValue, drawBadge, NO_BADGE } from './badge.ts'
import type { Cards } from './cards.ts'
import type { Live } from './live.ts'
import {
  findOwnView,
  findPresentAddress,
  findPublicEntry,
  findPublicTimer,
  listListedTimers,
  listViews,
  type Target,
  type ViewRow,
} from './queries.ts'
import type { ReadyViews } from './ready-views.ts'
import { buildView, IncidentKey, readIncidents, shows } from './shared-view.ts'

/** Pictures are made to be shown on other sites; everything else stays ours. */
const FOR_OTHER_SITES = { 'cross-origin-resource-policy': 'cross-origin' }

/** The timer that every user is born with, whose address is that of the original site. */
const DEFAULT_TIMER = 'incident-timer'

/** Listed timers that are read at once. */
const LISTED_PAGE = 1000

/** The hash by which listed timers are ordered. */
const ListedKey = z.tuple([z.string().regex(/^[0-9a-f]{32}$/)])

interface Needs {
  sql: Database
  live: Live
  cards: Cards
  readyViews: ReadyViews
}

/** What stands in the path, by name. */
type Given = Record<string, string>

/** A way to a timer, below which all its outputs are. */
interface Place {
  path: string
  what: string
  params: z.ZodType<Given>
  /** What every refusal says. */
  notFound: ErrorCode
  /** Of an answer that may be the same for everyone. */
  headers: Record<string, string>
  /** Whether a view may be kept until its timer changes: what else would end it, nobody is told of. */
  isKept: boolean
  find: (params: Given) => Promise<Target | null>
  /** Where the timer stands now, when this is a former address of it. */
  findPresent: (params: Given) => Promise<string | null>
}

/**
 * What a visitor may see without an account. The share level is enforced by the queries, in what they return. Where nothing is, a timer
 * may have been: its former address leads to the present one, only as long as nobody else can have it, so nothing may keep the answer.
 */
export function sharingRoutes(needs: Needs): Routes {
  const { sql } = needs
  return (app, _options, done) => {
    app.get(
      '/:user_slug/incident-timer',
      {
        config: { notFound: 'NO_PUBLIC_TIMER' },
        schema: {
          summary: 'The newest incident of a public default timer',
          params: z.object({ user_slug: Slug }),
          response: { 200: PublicEntry, 307: HeadersOnly, ...problems(404, 503) },
        },
      },
      async (request, reply) => {
        const { user_slug } = request.params
        const entry = await findPublicEntry(sql, user_slug)
        if (entry) return reply.headers(PUBLIC).send(entry)
        const present = await findPresentAddress(sql, user_slug, DEFAULT_TIMER, { withIncident: true })
        if (present === null) throw new ApiError('NO_PUBLIC_TIMER')
        const location = `/backend/${encodeURIComponent(present)}/${DEFAULT_TIMER}`
        return reply.status(307).header('location', location).send('')
      },
    )

    app.get(
      '/shared',
      {
        schema: {
          summary: 'Public timers that search engines may list',
          querystring: ListedTimersQuery,
          response: { 200: ListedTimers, ...problems(400, 503) },
        },
      },
      async (request) => {
        const [after] = readCursor(request.query.cursor, ListedKey) ?? ['']
        const read = await listListedTimers(sql, after, LISTED_PAGE + 1)
        const { rows, next_cursor } = cutPage(read, LISTED_PAGE, ({ key }) => [key ?? ''])
        const timers = rows.map(({ user_slug, timer_slug, since }) => ({ user_slug, timer_slug, since }))
        return { timers, next_cursor }
      },
    )

    serve(app, needs, {
      path: '/shared/:user_slug/:timer_slug',
      what: 'a timer',
      params: z.object({ user_slug: Slug, timer_slug: Slug }),
      notFound: 'TIMER_NOT_FOUND',
      headers: PUBLIC,
      isKept: true,
      async find({ user_slug = '', timer_slug = '' }) {
        const timerId = await findPublicTimer(sql, user_slug, timer_slug)
        return timerId === null ? null : { timerId, linkId: null }
      },
      async findPresent({ user_slug = '', timer_slug = '' }) {
        const present = await findPresentAddress(sql, user_slug, timer_slug, { withIncident: false })
        return present && `/backend/shared/${encodeURIComponent(present)}/${encodeURIComponent(timer_slug)}`
      },
    })

    // Any text is a secret, and asked for in the same way, so that an answer takes as long whatever is wrong with it.
    serve(app, needs, {
      path: '/s/:secret',
      what: 'a timer behind a secret link',
      params: z.object({ secret: z.string() }),
      notFound: 'NOT_FOUND',
      headers: {},
      isKept: false,
      async find({ secret = '' }) {
        const link = await findOpenLink(sql, hashLinkSecret(secret))
        if (!link) return null
        if (!link.was_used_lately) await noteLinkUse(sql, link.id)
        return { timerId: link.timer_id, linkId: link.id }
      },
      findPresent: () => Promise.resolve(null),
    })
    done()
  }
}

/** All outputs of a timer: each at the level that the place gives, each refusing alike. */
function serve(app: App, { sql, live, cards, readyViews }: Needs, place: Place): void {
  const { path, what, params, notFound, headers, isKept } = place
  const config = { notFound }

  async function findRow(given: Given): Promise<ViewRow | null> {
    const target = await place.find(given)
    return target && ((await listViews(sql, [target]))[0] ?? null)
  }
  /** Where else it is, with the same output below it. @throws {ApiError} where it is nowhere. */
  async function elsewhere(given: Given, url: string, output: string): Promise<string> {
    const present = await place.findPresent(given)
    if (present === null) throw new ApiError(notFound)
    const query = url.indexOf('?')
    return present + output + (query < 0 ? '' : url.slice(query))
  }

  app.get(
    path,
    {
      config,
      schema: {
        summary: `The shared view of ${what}`,
        params,
        response: { 200: SharedView, 307: HeadersOnly, ...problems(404, 503) },
      },
    },
    async (request, reply) => {
      const read = async () => {
        const row = await findRow(request.params)
        const view = row && (await buildView(sql, row))
        return view && { timerId: row.timer_id, serverTime: row.server_time, body: reply.serialize(view) as string }
      }
      const address = Object.values(request.params).join('/')
      const body = isKept ? await readyViews.answer(address, read) : ((await read())?.body ?? null)
      if (body !== null) return sendWritten(reply.headers(headers), body)
      return reply
        .status(307)
        .header('location', await elsewhere(request.params, request.url, ''))
        .send('')
    },
  )

  app.get(
    `${path}/incidents`,
    {
      config,
      schema: {
        summary: `Incidents of ${what}, newest first, at level history only`,
        params,
        querystring: PageQuery,
        response: { 200: SharedIncidentList, 307: HeadersOnly, ...problems(400, 404, 503) },
      },
    },
    async (request, reply) => {
      const { cursor, limit = PAGE_SIZE } = request.query
      const from = readCursor(cursor, IncidentKey)
      const row = await findRow(request.params)
      if (row && shows(row.share_level, 'history'))
        return reply.headers(headers).send(await readIncidents(sql, row.timer_id, { from, limit }))
      if (row) throw new ApiError(notFound)
      return reply
        .status(307)
        .header('location', await elsewhere(request.params, request.url, '/incidents'))
        .send('')
    },
  )

  app.get(
    `${path}/events`,
    {
      config,
      schema: {
        summary: `Changes of ${what} as they happen, as text/event-stream: snapshot, change, gone`,
        params,
        response: { 200: z.string(), 307: HeadersOnly, ...problems(404, 503) },
      },
    },
    async (request, reply) => {
      const target = await place.find(request.params)
      if (!target)
        return reply
          .status(307)
          .header('location', await elsewhere(request.params, request.url, '/events'))
          .send('')
      if (!live.hasRoom()) throw new ApiError('OVERLOADED', { headers: { 'retry-after': '10' } })
      let leave = (): void => undefined
      const stream = openEventStream(request, reply, () => {
        leave()
      })
      const lastEventId = request.headers['last-event-id']
      if (stream) leave = live.join(target, { ...stream, lastEventId: typeof lastEventId === 'string' ? lastEventId : null })
      return reply
    },
  )

  app.get(
    `${path}/badge.svg`,
    {
      config,
      schema: {
        summary: `A badge of ${what}`,
        params,
        querystring: BadgeQuery,
        response: { 200: z.string(), 307: HeadersOnly, 404: z.string(), ...problems(400, 503) },
      },
    },
    async (request, reply) => {
      const row = await findRow(request.params)
      reply.headers(FOR_OTHER_SITES).type('image/svg+xml; charset=utf-8')
      if (row) {
        const { label = row.title, color } = request.query
        return reply.headers(headers).send(drawBadge({ label, value: badgeValue(row), color }))
      }
      const present = await place.findPresent(request.params)
      if (present === null) return reply.status(404).send(NO_BADGE)
      return reply
        .status(307)
        .header('location', await elsewhere(request.params, request.url, '/badge.svg'))
        .send('')
    },
  )

  app.get(
    `${path}/card.png`,
    {
      config,
      schema: {
        summary: `A card of ${what}, 1200 by 630 pixels`,
        params,
        response: { 200: z.unknown(), 307: HeadersOnly, ...problems(404, 503) },
      },
    },
    async (request, reply) => {
      const row = await findRow(request.params)
      if (!row)
        return reply
          .status(307)
          .header('location', await elsewhere(request.params, request.url, '/card.png'))
          .send('')
      const card = await cards.draw(row)
      if (card === 'busy') throw new ApiError('OVERLOADED', { headers: { 'retry-after': '5' } })
      // Too large for nginx's stores, which are memory; it is kept where it is drawn.
      const { 'cache-control': caching = 'no-store' } = headers
      return reply.headers(FOR_OTHER_SITES).header('cache-control', caching).type('image/png').send(card)
    },
  )
}

/** One's own timer through the eyes of a visitor. Guarded by the scope it stands in. */
export function ownViewRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/timers/:id/view',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'My timer as a visitor would see it at a share level',
          params: z.object({ id: Uuid }),
          querystring: OwnViewQuery,
          response: { 200: SharedView, ...problems(400, 401, 404, 503) },
        },
      },
      async (request) => {
        const row = await findOwnView(sql, callerOf(request).userId, request.params.id, request.query.share_level)
        const view = row && (await buildView(sql, row))
        if (!view) throw new ApiError('TIMER_NOT_FOUND')
        return view
      },
    )
    done()
  }
}
