import { Uuid } from '@kennwilliamson/contracts/common'
import { CreateLinkRequest, NewSecretLink, SecretLinkList } from '@kennwilliamson/contracts/links'
import { z } from 'zod'
import type { Config } from '../../config.ts'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import { NoBody, type Routes } from '../../http/schemas.ts'
import { violatedConstraint } from '../../platform/database-errors.ts'
import type { Database } from '../../platform/database.ts'
import { deleteLink, insertLink, listLinks, ownsTimer } from './queries.ts'
import { createLinkSecret } from './secret.ts'

const TimerPath = z.object({ id: Uuid })
const LinkPath = z.object({ id: Uuid, link_id: Uuid })

/** The secret links of one's timers. Guarded by the scope they stand in. */
export function linkRoutes({ sql, config }: { sql: Database; config: Config }): Routes {
  return (app, _options, done) => {
    app.get(
      '/timers/:id/links',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'Secret links to my timer',
          params: TimerPath,
          response: { 200: SecretLinkList, ...problems(401, 404, 503) },
        },
      },
      async (request) => {
        const { userId } = callerOf(request)
        const links = await listLinks(sql, userId, request.params.id)
        if (links.length === 0 && !(await ownsTimer(sql, userId, request.params.id))) throw new ApiError('TIMER_NOT_FOUND')
        return { links }
      },
    )

    app.post(
      '/timers/:id/links',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'Make a secret link to my timer',
          params: TimerPath,
          body: CreateLinkRequest,
          response: { 201: NewSecretLink, ...problems(400, 401, 404, 409, 503) },
        },
      },
      async (request, reply) => {
        const { secret, hash } = createLinkSecret()
        const { share_level: shareLevel, expires_at: expiresAt = null } = request.body
        const link = await insertLink(sql, callerOf(request).userId, request.params.id, { hash, shareLevel, expiresAt }).catch(
          (error: unknown) => {
            throw violatedConstraint(error) === 'secret_links_at_most_20' ? new ApiError('TOO_MANY_LINKS') : error
          },
        )
        if (link === null) throw new ApiError('TIMER_NOT_FOUND')
        if (link === 'past')
          throw new ApiError('INVALID_INPUT', { errors: [{ path: 'expires_at', message: 'must lie in the future' }] })
        return reply.status(201).send({ ...link, url: `${config.siteUrl}/s/${secret}` })
      },
    )

    app.delete(
      '/timers/:id/links/:link_id',
      {
        config: { notFound: 'LINK_NOT_FOUND' },
        schema: { summary: 'Revoke a secret link', params: LinkPath, response: { 204: NoBody, ...problems(401, 404, 503) } },
      },
      async (request, reply) => {
        const { id, link_id } = request.params
        if (!(await deleteLink(sql, callerOf(request).userId, id, link_id))) throw new ApiError('LINK_NOT_FOUND')
        return reply.status(204).send(null)
      },
    )
    done()
  }
}
