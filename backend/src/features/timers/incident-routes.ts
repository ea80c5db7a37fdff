import { Timestamp, Uuid } from '@kennwilliamson/contracts/common'
import {
  CreateIncidentRequest,
  Incident,
  IncidentList,
  IncidentQuery,
  PreviewRequest,
  Stats,
  UpdateIncidentRequest,
} from '@kennwilliamson/contracts/incidents'
import { PAGE_SIZE } from '@kennwilliamson/contracts/paging'
import { Timer } from '@kennwilliamson/contracts/timers'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { cutPage, readCursor } from '../../http/paging.ts'
import { problems } from '../../http/problems.ts'
import { NoBody, type Routes } from '../../http/schemas.ts'
import { readIfMatch, versionTag } from '../../http/versions.ts'
import type { Database } from '../../platform/database.ts'
import { answerOnce } from '../idempotency/answer-once.ts'
import { deleteIncident, insertIncident, listIncidents, undoIncident, updateIncident } from '../incidents/queries.ts'
import { inFuture, refuseFullTimer } from '../incidents/refusals.ts'
import { findTimer } from './edit-timers.ts'
import { previewStats } from './preview.ts'
import { hasTimer } from './queries.ts'

const TimerPath = z.object({ id: Uuid })
const IncidentPath = TimerPath.extend({ incident_id: Uuid })
const PageKey = z.tuple([Timestamp, Uuid])

/** The incidents of one's timers. Guarded by the scope they stand in. */
export function incidentRoutes({ sql }: { sql: Database }): Routes {
  /** What a statement that found nothing means: no such timer of theirs, or no such incident in it. */
  async function notFound(userId: string, timerId: string): Promise<ApiError> {
    return new ApiError((await hasTimer(sql, userId, timerId)) ? 'INCIDENT_NOT_FOUND' : 'TIMER_NOT_FOUND')
  }

  return (app, _options, done) => {
    app.get(
      '/timers/:id/incidents',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'Incidents of a timer, newest first',
          params: TimerPath,
          querystring: IncidentQuery,
          response: { 200: IncidentList, ...problems(400, 401, 404, 503) },
        },
      },
      async (request) => {
        const timer = { userId: callerOf(request).userId, timerId: request.params.id }
        const { cursor, q, limit = PAGE_SIZE } = request.query
        const key = readCursor(cursor, PageKey)
        const read = await listIncidents(sql, timer, {
          before: key && { occurredAt: key[0], id: key[1] },
          search: q || null,
          limit: limit + 1,
        })
        if (read.length === 0 && !(await hasTimer(sql, timer.userId, timer.timerId))) throw new ApiError('TIMER_NOT_FOUND')
        const { rows, next_cursor } = cutPage(read, limit, ({ occurred_at, id }) => [occurred_at, id])
        return { incidents: rows, next_cursor }
      },
    )

    app.post(
      '/timers/:id/incidents',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'Reset a timer, now or at a past time',
          params: TimerPath,
          body: CreateIncidentRequest.nullish(),
          response: { 201: Incident, ...problems(400, 401, 404, 409, 503) },
        },
      },
      async (request, reply) => {
        const timer = { userId: callerOf(request).userId, timerId: request.params.id }
        const { occurred_at, notes } = request.body ?? {}
        const once = {
          userId: timer.userId,
          route: `POST /timers/${timer.timerId}/incidents`,
          key: request.headers['idempotency-key'],
          request: request.body ?? {},
        }
        const { body } = await answerOnce(sql, once, async (sql) => {
          const wanted = { occurredAt: occurred_at ?? null, notes: notes || null }
          const incident = await insertIncident(sql, timer, wanted).catch(refuseFullTimer)
          if (incident === null) throw new ApiError('TIMER_NOT_FOUND')
          if (incident === 'in-future') throw inFuture('occurred_at')
          return { status: 201 as const, body: incident }
        })
        return reply.status(201).header('etag', versionTag(body.updated_at)).send(body)
      },
    )

    app.patch(
      '/timers/:id/incidents/:incident_id',
      {
        config: { notFound: 'INCIDENT_NOT_FOUND' },
        schema: {
          summary: 'Change an incident of a timer',
          params: IncidentPath,
          body: UpdateIncidentRequest.nullish(),
          response: { 200: Incident, ...problems(400, 401, 404, 412, 503) },
        },
      },
      async (request, reply) => {
        const timer = { userId: callerOf(request).userId, timerId: request.params.id }
        const { occurred_at, notes, corrected } = request.body ?? {}
        const change = {
          occurredAt: occurred_at ?? undefined,
          notes: notes === '' ? null : notes,
          corrected: corrected ?? undefined,
        }
        const versions = readIfMatch(request.headers['if-match'])
        const incident = await updateIncident(sql, timer, request.params.incident_id, change, versions)
        if (incident === null) throw await notFound(timer.userId, timer.timerId)
        if (incident === 'stale') throw new ApiError('STALE')
        if (incident === 'in-future') throw inFuture('occurred_at')
        return reply.header('etag', versionTag(incident.updated_at)).send(incident)
      },
    )

    app.delete(
      '/timers/:id/incidents/:incident_id',
      {
        config: { notFound: 'INCIDENT_NOT_FOUND' },
        schema: {
          summary: 'Delete an incident of a timer',
          params: IncidentPath,
          response: { 204: NoBody, ...problems(401, 404, 412, 503) },
        },
      },
      async (request, reply) => {
        const timer = { userId: callerOf(request).userId, timerId: request.params.id }
        const versions = readIfMatch(request.headers['if-match'])
        const outcome = await deleteIncident(sql, timer, request.params.incident_id, versions)
        if (outcome === 'missing') throw await notFound(timer.userId, timer.timerId)
        if (outcome === 'stale') throw new ApiError('STALE')
        return reply.status(204).send(null)
      },
    )

    app.post(
      '/timers/:id/incidents/:incident_id/undo',
      {
        config: { notFound: 'INCIDENT_NOT_FOUND' },
        schema: {
          summary: 'Take a reset back, within ten minutes',
          params: IncidentPath,
          response: { 200: Timer, ...problems(401, 404, 409, 503) },
        },
      },
      async (request) => {
        const timer = { userId: callerOf(request).userId, timerId: request.params.id }
        const outcome = await undoIncident(sql, timer, request.params.incident_id)
        if (outcome === 'missing') throw await notFound(timer.userId, timer.timerId)
        if (outcome === 'expired') throw new ApiError('UNDO_EXPIRED')
        const shown = await findTimer(sql, timer.userId, timer.timerId)
        if (!shown) throw new ApiError('TIMER_NOT_FOUND')
        return shown
      },
    )

    app.post(
      '/timers/:id/incidents/preview',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'What a reset would do to the figures',
          params: TimerPath,
          body: PreviewRequest.nullish(),
          response: { 200: Stats, ...problems(400, 401, 404, 409, 503) },
        },
      },
      async (request) => {
        const timer = { userId: callerOf(request).userId, timerId: request.params.id }
        const stats = await previewStats(sql, timer, request.body?.occurred_at ?? null)
        if (stats === null) throw new ApiError('TIMER_NOT_FOUND')
        if (stats === 'in-future') throw inFuture('occurred_at')
        return stats
      },
    )
    done()
  }
}
