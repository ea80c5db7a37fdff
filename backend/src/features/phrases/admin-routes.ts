import { Message, Uuid } from '@kennwilliamson/contracts/common'
import { PAGE_SIZE } from '@kennwilliamson/contracts/paging'
import {
  AdminPhrase,
  AdminPhraseList,
  AdminPhraseQuery,
  CreatePhraseRequest,
  UpdatePhraseRequest,
} from '@kennwilliamson/contracts/phrases'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database, Sql } from '../../platform/database.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { answerOnce } from '../idempotency/answer-once.ts'
import { countAdminPhrases, insertPhrase, listAdminPhrases, searchAdminPhrases, updatePhrase } from './queries.ts'
import { wordSearch } from './word-search.ts'

const PhrasePath = z.object({ id: Uuid })

/** Makes a phrase, and writes down who did. */
async function makePhrase(sql: Sql, adminId: string, wish: CreatePhraseRequest): Promise<AdminPhrase> {
  const phrase = await insertPhrase(sql, adminId, wish)
  await insertAuditEvent(sql, { action: 'phrase_made', actorId: adminId, subjectId: null, targetId: phrase.id })
  return phrase
}

interface Change {
  adminId: string
  phraseId: string
  wish: UpdatePhraseRequest
}

/** Changes a phrase, and writes down who did. @throws {ApiError} PHRASE_NOT_FOUND. */
async function changePhrase(sql: Database, { adminId, phraseId, wish }: Change): Promise<AdminPhrase> {
  return await sql.begin(async (sql) => {
    const phrase = await updatePhrase(sql, phraseId, wish)
    if (!phrase) throw new ApiError('PHRASE_NOT_FOUND')
    const action = wish.active === false ? 'phrase_deleted' : 'phrase_changed'
    await insertAuditEvent(sql, { action, actorId: adminId, subjectId: null, targetId: phraseId })
    return phrase
  })
}

/** Phrases for administrators. Guarded by the scope they stand in. */
export function phraseAdministrationRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/admin/phrases',
      {
        schema: {
          summary: 'Phrases, newest first',
          querystring: AdminPhraseQuery,
          response: { 200: AdminPhraseList, ...problems(400, 401, 403, 503) },
        },
      },
      async (request) => {
        const { limit = PAGE_SIZE, offset = 0, include_inactive, q } = request.query
        const list = { includeInactive: include_inactive === 'true', limit, offset }
        const search = wordSearch(q ?? '')
        const [phrases, total] = await Promise.all([
          search === null ? listAdminPhrases(sql, list) : searchAdminPhrases(sql, search, list),
          countAdminPhrases(sql, search, list.includeInactive),
        ])
        return { phrases, total }
      },
    )

    app.post(
      '/admin/phrases',
      {
        schema: {
          summary: 'Make a phrase',
          body: CreatePhraseRequest,
          response: { 201: AdminPhrase, ...problems(400, 401, 403, 409, 503) },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const key = request.headers['idempotency-key']
        const once = { userId, route: 'POST /admin/phrases', key, request: request.body, isManySteps: true as const }
        const { body } = await answerOnce(sql, once, async (sql) => ({
          status: 201 as const,
          body: await makePhrase(sql, userId, request.body),
        }))
        return reply.status(201).send(body)
      },
    )

    app.put(
      '/admin/phrases/:id',
      {
        config: { notFound: 'PHRASE_NOT_FOUND' },
        schema: {
          summary: 'Change a phrase',
          params: PhrasePath,
          body: UpdatePhraseRequest.nullish(),
          response: { 200: AdminPhrase, ...problems(400, 401, 403, 404, 503) },
        },
      },
      async (request) =>
        await changePhrase(sql, {
          adminId: callerOf(request).userId,
          phraseId: request.params.id,
          wish: request.body ?? {},
        }),
    )

    app.delete(
      '/admin/phrases/:id',
      {
        config: { notFound: 'PHRASE_NOT_FOUND' },
        schema: {
          summary: 'Take a phrase out of use; it can be put back',
          params: PhrasePath,
          response: { 200: Message, ...problems(401, 403, 404, 503) },
        },
      },
      async (request) => {
        await changePhrase(sql, { adminId: callerOf(request).userId, phraseId: request.params.id, wish: { active: false } })
        return { message: 'Phrase deleted' }
      },
    )
    done()
  }
}
