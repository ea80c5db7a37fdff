import { Uuid } from '@kennwilliamson/contracts/common'
import { CreateTimerRequest, Timer, TimerList, UpdateTimerRequest } from '@kennwilliamson/contracts/timers'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import { NoBody, type Routes } from '../../http/schemas.ts'
import { readIfMatch, versionTag } from '../../http/versions.ts'
import type { Database } from '../../platform/database.ts'
import { answerOnce } from '../idempotency/answer-once.ts'
import { changeTimer, createTimer, findTimer, removeTimer } from './edit-timers.ts'
import { findClock, listTimers } from './queries.ts'

const TimerPath = z.object({ id: Uuid })

/** A user's timers. Guarded by the scope they stand in. */
export function timerRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/timers',
      { schema: { summary: 'My timers', response: { 200: TimerList, ...problems(401, 503) } } },
      async (request) => {
        const { userId } = callerOf(request)
        const [rows, clock] = await Promise.all([listTimers(sql, userId), findClock(sql, userId)])
        if (!clock) throw new ApiError('UNAUTHENTICATED')
        const timers = rows.map(({ incident_id, since, ...timer }) => ({ ...timer, current: { incident_id, since } }))
        return { timers, ...clock }
      },
    )

    app.post(
      '/timers',
      {
        schema: {
          summary: 'Make a timer',
          body: CreateTimerRequest,
          response: { 201: Timer, ...problems(400, 401, 409, 503) },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const key = request.headers['idempotency-key']
        const once = { userId, route: 'POST /timers', key, request: request.body }
        const { body } = await answerOnce(sql, once, async (sql) => ({
          status: 201 as const,
          body: await createTimer(sql, userId, request.body),
        }))
        return reply.status(201).header('etag', versionTag(body.updated_at)).send(body)
      },
    )

    app.get(
      '/timers/:id',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: { summary: 'A timer of mine', params: TimerPath, response: { 200: Timer, ...problems(401, 404, 503) } },
      },
      async (request, reply) => {
        const timer = await findTimer(sql, callerOf(request).userId, request.params.id)
        if (!timer) throw new ApiError('TIMER_NOT_FOUND')
        return reply.header('etag', versionTag(timer.updated_at)).send(timer)
      },
    )

    app.patch(
      '/timers/:id',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'Change a timer',
          params: TimerPath,
          body: UpdateTimerRequest.nullish(),
          response: { 200: Timer, ...problems(400, 401, 404, 409, 412, 503) },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const versions = readIfMatch(request.headers['if-match'])
        const timer = await changeTimer(sql, userId, request.params.id, request.body ?? {}, versions)
        return reply.header('etag', versionTag(timer.updated_at)).send(timer)
      },
    )

    app.delete(
      '/timers/:id',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'Delete a timer with its incidents',
          params: TimerPath,
          response: { 204: NoBody, ...problems(401, 404, 409, 412, 503) },
        },
      },
      async (request, reply) => {
        await removeTimer(sql, callerOf(request).userId, request.params.id, readIfMatch(request.headers['if-match']))
        return reply.status(204).send(null)
      },
    )
    done()
  }
}
