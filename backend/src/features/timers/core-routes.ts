import { Uuid } from '@kennwilliamson/contracts/common'
import type { Incident } from '@kennwilliamson/contracts/incidents'
import { CORE_LIST_LIMIT } from '@kennwilliamson/contracts/paging'
import { CreateTimerEntryRequest, TimerEntry, TimerEntryList, UpdateTimerEntryRequest } from '@kennwilliamson/contracts/timers'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { callerOf, type Caller } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import { NoBody, type Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { answerOnce } from '../idempotency/answer-once.ts'
import { deleteIncident, insertIncident, listIncidents, updateIncident, type TimerOf } from '../incidents/queries.ts'
import { inFuture, refuseFullTimer } from '../incidents/refusals.ts'

const IncidentPath = z.object({ id: Uuid })

/** The incidents of one's default timer in the words of the core. Guarded by the scope they stand in. */
export function coreTimerRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/incident-timers',
      {
        schema: {
          summary: 'Incidents of my default timer, newest first',
          response: { 200: TimerEntryList, ...problems(401, 503) },
        },
      },
      async (request) => {
        const incidents = await listIncidents(sql, defaultTimer(callerOf(request)), {
          before: null,
          search: null,
          limit: CORE_LIST_LIMIT,
        })
        return incidents.map(entryOf)
      },
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
          const incident = await insertIncident(sql, defaultTimer(callerOf(request)), {
            occurredAt: reset_timestamp ?? null,
            notes: notes || null,
          }).catch(refuseFullTimer)
          // A token may outlive its user by a moment.
          if (incident === null) throw new ApiError('UNAUTHENTICATED')
          if (incident === 'in-future') throw inFuture('reset_timestamp')
          return { status: 201 as const, body: entryOf(incident) }
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
        const result = await updateIncident(sql, defaultTimer(callerOf(request)), request.params.id, {
          occurredAt: reset_timestamp ?? undefined,
          notes: notes === '' ? null : notes,
          corrected: undefined,
        })
        if (result === null || result === 'stale') throw new ApiError('TIMER_NOT_FOUND')
        if (result === 'in-future') throw inFuture('reset_timestamp')
        return entryOf(result)
      },
    )

    app.delete(
      '/incident-timers/:id',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: { summary: 'Delete an incident', params: IncidentPath, response: { 204: NoBody, ...problems(401, 404, 503) } },
      },
      async (request, reply) => {
        const outcome = await deleteIncident(sql, defaultTimer(callerOf(request)), request.params.id)
        if (outcome !== 'deleted') throw new ApiError('TIMER_NOT_FOUND')
        return reply.status(204).send(null)
      },
    )
    done()
  }
}

function defaultTimer({ userId }: Caller): TimerOf {
  return { userId, timerId: null }
}

function entryOf({ id, occurred_at, notes, created_at, updated_at }: Incident): TimerEntry {
  return { id, reset_timestamp: occurred_at, notes, created_at, updated_at }
}
