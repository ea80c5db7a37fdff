import { Message, Uuid } from '@kennwilliamson/contracts/common'
import { CORE_LIST_LIMIT, PageQuery } from '@kennwilliamson/contracts/paging'
import {
  CreateSuggestionRequest,
  DecisionRequest,
  NewSuggestion,
  SeenSuggestionsRequest,
  SuggestionList,
  SuggestionQuery,
  WaitingSuggestionList,
} from '@kennwilliamson/contracts/phrases'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { cutPage, readCursor } from '../../http/paging.ts'
import { problems } from '../../http/problems.ts'
import { NoBody, type Routes } from '../../http/schemas.ts'
import { violatedConstraint } from '../../platform/database-errors.ts'
import type { Database } from '../../platform/database.ts'
import { answerOnce } from '../idempotency/answer-once.ts'
import { moderate } from './moderate.ts'
import {
  countSuggestions,
  countWaitingSuggestions,
  deletePendingSuggestion,
  hasSuggestion,
  insertSuggestion,
  listSuggestions,
  listUnseenDecisions,
  listWaitingSuggestions,
  markDecisionsSeen,
} from './queries.ts'

const SuggestionPath = z.object({ id: Uuid })
const CursorKey = z.tuple([Uuid])

/** What somebody suggests as a phrase. Guarded by the scope it stands in. */
export function suggestionRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/phrases/suggestions',
      {
        schema: {
          summary: 'My suggestions, newest first',
          querystring: SuggestionQuery,
          response: { 200: SuggestionList, ...problems(400, 401, 503) },
        },
      },
      async (request) => {
        const { userId } = callerOf(request)
        const { cursor, limit = CORE_LIST_LIMIT, unseen } = request.query
        const [before = null] = readCursor(cursor, CursorKey) ?? []
        const list = unseen === 'true' ? listUnseenDecisions : listSuggestions
        const [read, count] = await Promise.all([list(sql, userId, { before, limit: limit + 1 }), countSuggestions(sql, userId)])
        const { rows, next_cursor } = cutPage(read, limit, ({ id }) => [id])
        return { suggestions: rows, total: unseen === 'true' ? count.unseen : count.all, next_cursor }
      },
    )

    app.post(
      '/phrases/suggestions/seen',
      {
        schema: {
          summary: 'Note that I was shown these decisions',
          body: SeenSuggestionsRequest,
          response: { 204: NoBody, ...problems(400, 401, 503) },
        },
      },
      async (request, reply) => {
        await markDecisionsSeen(sql, callerOf(request).userId, request.body.ids)
        return reply.status(204).send(null)
      },
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
        schema: {
          summary: 'Suggestions that wait, oldest first',
          querystring: PageQuery,
          response: { 200: WaitingSuggestionList, ...problems(400, 401, 403, 503) },
        },
      },
      async (request) => {
        const { cursor, limit = CORE_LIST_LIMIT } = request.query
        const [after = null] = readCursor(cursor, CursorKey) ?? []
        const [read, total] = await Promise.all([
          listWaitingSuggestions(sql, { after, limit: limit + 1 }),
          countWaitingSuggestions(sql),
        ])
        const { rows, next_cursor } = cutPage(read, limit, ({ id }) => [id])
        return { suggestions: rows, total, next_cursor }
      },
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
          const mood = request.body?.mood ?? 'steady'
          await moderate(sql, { suggestionId: request.params.id, status, adminId: callerOf(request).userId, reason, mood })
          return { message }
        },
      )
    done()
  }
}
