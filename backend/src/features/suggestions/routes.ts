import { Message, Uuid } from '@kennwilliamson/contracts/common'
import { CreateSuggestionRequest, DecisionRequest, NewSuggestion, SuggestionList } from '@kennwilliamson/contracts/phrases'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import { NoBody, type Routes } from '../../http/schemas.ts'
import { violatedConstraint } from '../../platform/database-errors.ts'
import type { Database } from '../../platform/database.ts'
import { answerOnce } from '../idempotency/answer-once.ts'
import { moderate } from './moderate.ts'
import { deletePendingSuggestion, hasSuggestion, insertSuggestion, listPendingSuggestions, listSuggestions } from './queries.ts'

const SuggestionPath = z.object({ id: Uuid })

/** A list with its total beside it rather than in each row. */
function listOf<Row extends { total: number }>(rows: Row[]): { suggestions: Omit<Row, 'total'>[]; total: number } {
  return { suggestions: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 }
}

/** What somebody suggests as a phrase. Guarded by the scope it stands in. */
export function suggestionRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/phrases/suggestions',
      { schema: { summary: 'My suggestions, newest first', response: { 200: SuggestionList, ...problems(401, 503) } } },
      async (request) => listOf(await listSuggestions(sql, callerOf(request).userId)),
    )

    app.post(
      '/phrases/suggestions',
      {
        schema: {
          summary: 'Suggest a phrase',
          body: CreateSuggestionRequest,
          response: { 201: NewSuggestion, ...problems(400, 401, 409, 503) },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const key = request.headers['idempotency-key']
        const once = { userId, route: 'POST /phrases/suggestions', key, request: request.body }
        const { body } = await answerOnce(sql, once, async (sql) => ({
          status: 201 as const,
          body: await insertSuggestion(sql, userId, request.body.phrase_text),
        })).catch((error: unknown) => {
          throw violatedConstraint(error) === 'phrase_suggestions_at_most_20' ? new ApiError('TOO_MANY_SUGGESTIONS') : error
        })
        return reply.status(201).send(body)
      },
    )

    app.delete(
      '/phrases/suggestions/:id',
      {
        config: { notFound: 'SUGGESTION_NOT_FOUND' },
        schema: {
          summary: 'Take back a suggestion that waits',
          params: SuggestionPath,
          response: { 204: NoBody, ...problems(401, 404, 409, 503) },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const { id } = request.params
        if (!(await deletePendingSuggestion(sql, userId, id)))
          throw new ApiError((await hasSuggestion(sql, id, userId)) ? 'ALREADY_DECIDED' : 'SUGGESTION_NOT_FOUND')
        return reply.status(204).send(null)
      },
    )
    done()
  }
}

const DECISIONS = [
  { verb: 'approve', status: 'approved', summary: 'Make a suggestion a phrase', message: 'Suggestion approved' },
  { verb: 'reject', status: 'rejected', summary: 'Refuse a suggestion', message: 'Suggestion rejected' },
] as const

/** What waits for an administrator. Guarded by the scope it stands in. */
export function moderationRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/admin/suggestions',
      {
        schema: { summary: 'Suggestions that wait, oldest first', response: { 200: SuggestionList, ...problems(401, 403, 503) } },
      },
      async () => listOf(await listPendingSuggestions(sql)),
    )

    for (const { verb, status, summary, message } of DECISIONS)
      app.post(
        `/admin/suggestions/:id/${verb}`,
        {
          config: { notFound: 'SUGGESTION_NOT_FOUND' },
          schema: {
            summary,
            params: SuggestionPath,
            body: DecisionRequest.nullish(),
            response: { 200: Message, ...problems(400, 401, 403, 404, 409, 503) },
          },
        },
        async (request) => {
          const reason = request.body?.admin_reason?.trim() || null
          await moderate(sql, { suggestionId: request.params.id, status, adminId: callerOf(request).userId, reason })
          return { message }
        },
      )
    done()
  }
}
