import { AdminUserList, AdminUserQuery } from '@kennwilliamson/contracts/admin'
import { Message, Uuid } from '@kennwilliamson/contracts/common'
import { PAGE_SIZE } from '@kennwilliamson/contracts/paging'
import { ResetLink } from '@kennwilliamson/contracts/recovery'
import { z } from 'zod'
import type { Config } from '../../config.ts'
import { callerOf } from '../../http/guards.ts'
import { cutPage, readCursor } from '../../http/paging.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import type { RevokedSessions } from '../auth/revoked-sessions.ts'
import { activateUser, deactivateUser, demoteUser, makeLinkFor, promoteUser, signUserOut } from './manage-users.ts'
import { listUsers, searchUsers } from './queries.ts'

interface Needs {
  sql: Database
  config: Config
  revoked: RevokedSessions
}

const UserPath = z.object({ id: Uuid })

/** Users, as administrators see and help them. Guarded by the scope they stand in. */
export function userAdministrationRoutes({ sql, config, revoked }: Needs): Routes {
  return (app, _options, done) => {
    app.get(
      '/admin/users',
      {
        schema: {
          summary: 'Accounts, newest first',
          querystring: AdminUserQuery,
          response: { 200: AdminUserList, ...problems(400, 401, 403, 503) },
        },
      },
      async (request) => {
        const { q, cursor, limit = PAGE_SIZE } = request.query
        const [before = null] = readCursor(cursor, z.tuple([Uuid])) ?? []
        const page = { before, limit: limit + 1 }
        const read = await (q ? searchUsers(sql, q, page) : listUsers(sql, page))
        const { rows, next_cursor } = cutPage(read, limit, ({ id }) => [id])
        return { users: rows, next_cursor }
      },
    )

    app.post(
      '/admin/users/:id/reset-link',
      {
        config: { notFound: 'USER_NOT_FOUND' },
        schema: {
          summary: 'Make a link with which a user sets a new password',
          params: UserPath,
          response: { 201: ResetLink, ...problems(401, 403, 404, 503) },
        },
      },
      async (request, reply) => {
        const act = { adminId: callerOf(request).userId, userId: request.params.id }
        return reply.status(201).send(await makeLinkFor(sql, config.siteUrl, act))
      },
    )

    app.post(
      '/admin/users/:id/deactivate',
      {
        config: { notFound: 'USER_NOT_FOUND' },
        schema: {
          summary: 'Take an account out of service',
          params: UserPath,
          response: { 200: Message, ...problems(401, 403, 404, 409, 503) },
        },
      },
      async (request) => {
        await deactivateUser({ sql, revoked }, { adminId: callerOf(request).userId, userId: request.params.id })
        return { message: 'Account deactivated' }
      },
    )

    app.post(
      '/admin/users/:id/activate',
      {
        config: { notFound: 'USER_NOT_FOUND' },
        schema: {
          summary: 'Put an account back into service',
          params: UserPath,
          response: { 200: Message, ...problems(401, 403, 404, 503) },
        },
      },
      async (request) => {
        await activateUser(sql, { adminId: callerOf(request).userId, userId: request.params.id })
        return { message: 'Account activated' }
      },
    )

    app.post(
      '/admin/users/:id/promote',
      {
        config: { notFound: 'USER_NOT_FOUND' },
        schema: {
          summary: 'Make a user an administrator',
          params: UserPath,
          response: { 200: Message, ...problems(401, 403, 404, 503) },
        },
      },
      async (request) => {
        await promoteUser(sql, { adminId: callerOf(request).userId, userId: request.params.id })
        return { message: 'The user is an administrator' }
      },
    )

    app.post(
      '/admin/users/:id/demote',
      {
        config: { notFound: 'USER_NOT_FOUND' },
        schema: {
          summary: 'Make an administrator an ordinary user',
          params: UserPath,
          response: { 200: Message, ...problems(401, 403, 404, 409, 503) },
        },
      },
      async (request) => {
        await demoteUser(sql, { adminId: callerOf(request).userId, userId: request.params.id })
        return { message: 'The user is no administrator' }
      },
    )

    app.post(
      '/admin/users/:id/sign-out',
      {
        config: { notFound: 'USER_NOT_FOUND' },
        schema: {
          summary: 'Sign a user out everywhere',
          params: UserPath,
          response: { 200: Message, ...problems(401, 403, 404, 503) },
        },
      },
      async (request) => {
        const act = { adminId: callerOf(request).userId, userId: request.params.id }
        return { message: `Revoked ${await signUserOut({ sql, revoked }, act)} tokens` }
      },
    )
    done()
  }
}
