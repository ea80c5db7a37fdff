import { Uuid } from '@kennwilliamson/contracts/common'
import {
  CreateTimerEntryRequest,
  TimerEntry,
  TimerEntryList,
  TimerList,
  UpdateTimerEntryRequest,
} from '@kennwilliamson/contracts/timers'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import { NoBody, type Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { answerOnce } from '../idempotency/answer-once.ts'
import {
  deleteDefaultTimerIncident,
  findClock,
  insertDefaultTimerIncident,
  listDefaultTimerIncidents,
  listTimers,
  updateDefaultTimerIncident,
} from './queries.ts'

const IncidentPath = z.object({ id: Uuid })

/** A user's timers, and the incidents of the default one in the words of the core. Guarded by the scope they stand in. */
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

    app.get(
      '/incident-timers',
      {
        schema: {
          summary: 'Incidents of my default timer, newest first',
          response: { 200: TimerEntryList, ...problems(401, 503) },
        },
      },
      async (request) => await listDefaultTimerIncidents(sql, callerOf(request).userId),
    )

    app.post(
      '/incident-timers',
      {
        schema: {
          summary: 'Reset my default timer',
          body: CreateTimerEntryRequest.nullish(),
          response: { 201: TimerEntry, ...problems(400, 401, 409, 503) },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const { reset_timestamp, notes } = request.body ?? {}
        const once = {
          userId,
          route: 'POST /incident-timers',
          key: request.headers['idempotency-key'],
          request: request.body ?? {},
        }
        const answer = await answerOnce(sql, once, async (sql) => {
          const entry = await insertDefaultTimerIncident(sql, userId, {
            occurredAt: reset_timestamp ?? null,
            notes: notes || null,
          })
          // A token may outlive its user by a moment.
          if (entry === null) throw new ApiError('UNAUTHENTICATED')
          if (entry === 'in-future') throw inFuture()
          return { status: 201 as const, body: entry }
        })
        return reply.status(201).send(answer.body)
      },
    )

    app.put(
      '/incident-timers/:id',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'Change an incident',
          params: IncidentPath,
          body: UpdateTimerEntryRequest.nullish(),
          response: { 200: TimerEntry, ...problems(400, 401, 404, 503) },
        },
      },
      async (request) => {
        const { reset_timestamp, notes } = request.body ?? {}
        const result = await updateDefaultTimerIncident(sql, callerOf(request).userId, request.params.id, {
          occurredAt: reset_timestamp ?? undefined,
          notes: notes === '' ? null : notes,
        })
        if (result === null) throw new ApiError('TIMER_NOT_FOUND')
        if (result === 'in-future') throw inFuture()
        return result
      },
    )

    app.delete(
      '/incident-timers/:id',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: { summary: 'Delete an incident', params: IncidentPath, response: { 204: NoBody, ...problems(401, 404, 503) } },
      },
      async (request, reply) => {
        const deleted = await deleteDefaultTimerIncident(sql, callerOf(request).userId, request.params.id)
        if (!deleted) throw new ApiError('TIMER_NOT_FOUND')
        return reply.status(204).send(null)
      },
    )
    done()
  }
}

function inFuture(): ApiError {
  const { message } = new ApiError('INCIDENT_IN_FUTURE')
  return new ApiError('INCIDENT_IN_FUTURE', { errors: [{ path: 'reset_timestamp', message }] })
}
