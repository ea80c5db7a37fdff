import { Slug } from '@kennwilliamson/contracts/common'
import { PublicEntry, SharedView } from '@kennwilliamson/contracts/sharing'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { problems } from '../../http/problems.ts'
import { HeadersOnly, type Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { findPresentAddress, findPublicEntry, findSharedView } from './queries.ts'

/**
 * A public answer is at most two seconds old, everywhere: one in nginx, which keeps only what is marked for it and takes the mark
 * off, and one in a browser.
 */
const PUBLIC = { 'x-accel-expires': '1', 'cache-control': 'public, max-age=1' }

/** The timer that every user is born with, whose address is that of the original site. */
const DEFAULT_TIMER = 'incident-timer'

/**
 * What a visitor may see without an account. The share level is enforced by the queries, in what they return. Where nothing is, a timer
 * may have been: its former address leads to the present one, only as long as nobody else can have it, so nothing may keep the answer.
 */
export function sharingRoutes({ sql }: { sql: Database }): Routes {
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
      '/shared/:user_slug/:timer_slug',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'The shared view of a timer',
          params: z.object({ user_slug: Slug, timer_slug: Slug }),
          response: { 200: SharedView, 307: HeadersOnly, ...problems(404, 503) },
        },
      },
      async (request, reply) => {
        const { user_slug, timer_slug } = request.params
        const view = await findSharedView(sql, user_slug, timer_slug)
        if (view) return reply.headers(PUBLIC).send(view)
        const present = await findPresentAddress(sql, user_slug, timer_slug, { withIncident: false })
        if (present === null) throw new ApiError('TIMER_NOT_FOUND')
        const location = `/backend/shared/${encodeURIComponent(present)}/${encodeURIComponent(timer_slug)}`
        return reply.status(307).header('location', location).send('')
      },
    )
    done()
  }
}
