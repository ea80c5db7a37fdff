import { Slug } from '@kennwilliamson/contracts/common'
import { PublicEntry, SharedView } from '@kennwilliamson/contracts/sharing'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { findPublicEntry, findSharedView } from './queries.ts'

/** A public answer is at most two seconds old, everywhere. */
const PUBLIC_CACHE = 'public, max-age=1'

/** What a visitor may see without an account. The share level is enforced by the queries, in what they return. */
export function sharingRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/:user_slug/incident-timer',
      {
        config: { notFound: 'NO_PUBLIC_TIMER' },
        schema: {
          summary: 'The newest incident of a public default timer',
          params: z.object({ user_slug: Slug }),
          response: { 200: PublicEntry, ...problems(404, 503) },
        },
      },
      async (request, reply) => {
        const entry = await findPublicEntry(sql, request.params.user_slug)
        if (!entry) throw new ApiError('NO_PUBLIC_TIMER')
        return reply.header('cache-control', PUBLIC_CACHE).send(entry)
      },
    )

    app.get(
      '/shared/:user_slug/:timer_slug',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'The shared view of a timer',
          params: z.object({ user_slug: Slug, timer_slug: Slug }),
          response: { 200: SharedView, ...problems(404, 503) },
        },
      },
      async (request, reply) => {
        const { user_slug, timer_slug } = request.params
        const view = await findSharedView(sql, user_slug, timer_slug)
        if (!view) throw new ApiError('TIMER_NOT_FOUND')
        return reply.header('cache-control', PUBLIC_CACHE).send(view)
      },
    )
    done()
  }
}
