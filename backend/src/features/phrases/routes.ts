import { Message, Slug, Uuid } from '@kennwilliamson/contracts/common'
import { CORE_LIST_LIMIT, PAGE_SIZE } from '@kennwilliamson/contracts/paging'
import { ExcludedPhraseList, OffsetQuery, PhraseList, UserPhraseList, UserPhraseQuery } from '@kennwilliamson/contracts/phrases'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { PUBLIC } from '../../http/headers.ts'
import { cutPage, readCursor } from '../../http/paging.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { choosePhrase, randomPhrase } from './choose-phrase.ts'
import {
  countFoundPhrases,
  countPhrases,
  excludePhrase,
  findPublicRun,
  includePhrase,
  listExcludedPhrases,
  listHiddenPhrases,
  listPhrases,
  listUserPhrases,
  searchUserPhrases,
} from './queries.ts'
import { wordSearch } from './word-search.ts'

const PhrasePath = z.object({ id: Uuid })
/** The framework takes a string for text that is written already. */
const JSON_TYPE = 'application/json; charset=utf-8'

/** The phrase over the clock of a user, for everyone. */
export function publicPhraseRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/:user_slug/phrase',
      {
        config: { notFound: 'NO_PHRASE' },
        schema: {
          summary: 'The phrase over the clock of a user of whom something is public',
          params: z.object({ user_slug: Slug }),
          response: { 200: z.string(), ...problems(404, 503) },
        },
      },
      async (request, reply) => {
        const found = await findPublicRun(sql, request.params.user_slug)
        const phrase = found && (await choosePhrase(sql, found.ownerId, found.run))
        if (phrase === null) throw new ApiError('NO_PHRASE')
        return reply.headers(PUBLIC).type(JSON_TYPE).send(JSON.stringify(phrase))
      },
    )
    done()
  }
}

/** Phrases for whoever is signed in. Guarded by the scope they stand in. */
export function phraseRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/phrases/random',
      {
        schema: {
          summary: 'A random phrase that I have not hidden',
          response: { 200: z.string(), ...problems(401, 404, 503) },
        },
      },
      async (request, reply) => {
        const phrase = await randomPhrase(sql, callerOf(request).userId)
        if (phrase === null) throw new ApiError('NO_PHRASE')
        return reply.type(JSON_TYPE).send(JSON.stringify(phrase))
      },
    )

    app.get(
      '/phrases',
      {
        schema: {
          summary: 'Phrases that I have not hidden',
          querystring: OffsetQuery,
          response: { 200: PhraseList, ...problems(400, 401, 503) },
        },
      },
      async (request) => {
        const { userId } = callerOf(request)
        const { limit = PAGE_SIZE, offset = 0 } = request.query
        const [phrases, count] = await Promise.all([listPhrases(sql, userId, { limit, offset }), countPhrases(sql, userId)])
        return { phrases, total: count.active - count.hidden }
      },
    )

    app.get(
      '/phrases/user',
      {
        schema: {
          summary: 'All phrases, and which I have hidden',
          querystring: UserPhraseQuery,
          response: { 200: UserPhraseList, ...problems(400, 401, 503) },
        },
      },
      async (request) => {
        const { userId } = callerOf(request)
        const { cursor, limit = CORE_LIST_LIMIT, hidden, q = '' } = request.query
        const [before = null] = readCursor(cursor, z.tuple([Uuid])) ?? []
        const page = { before, limit: limit + 1 }
        const wanted = hidden === undefined ? null : hidden === 'true'
        const search = wordSearch(q)
        const list = () =>
          wanted === true ? listHiddenPhrases(sql, userId, page) : listUserPhrases(sql, userId, { ...page, hidden: wanted })
        const [read, count] = await Promise.all([
          search === null ? list() : searchUserPhrases(sql, userId, search, { ...page, hidden: wanted }),
          search === null ? countPhrases(sql, userId) : countFoundPhrases(sql, userId, search),
        ])
        const { rows, next_cursor } = cutPage(read, limit, ({ id }) => [id])
        const totals = { both: count.active, true: count.hidden, false: count.active - count.hidden }
        return { phrases: rows, total: totals[hidden ?? 'both'], next_cursor }
      },
    )

    app.get(
      '/phrases/excluded',
      { schema: { summary: 'Phrases that I have hidden', response: { 200: ExcludedPhraseList, ...problems(401, 503) } } },
      async (request) => {
        const rows = await listExcludedPhrases(sql, callerOf(request).userId)
        return { excluded_phrases: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 }
      },
    )

    app.post(
      '/phrases/exclude/:id',
      {
        config: { notFound: 'PHRASE_NOT_FOUND' },
        schema: { summary: 'Hide a phrase', params: PhrasePath, response: { 200: Message, ...problems(401, 404, 503) } },
      },
      async (request) => {
        if (!(await excludePhrase(sql, callerOf(request).userId, request.params.id))) throw new ApiError('PHRASE_NOT_FOUND')
        return { message: 'Phrase hidden' }
      },
    )

    app.delete(
      '/phrases/exclude/:id',
      {
        config: { notFound: 'PHRASE_NOT_FOUND' },
        schema: {
          summary: 'Show a hidden phrase again',
          params: PhrasePath,
          response: { 200: Message, ...problems(401, 404, 503) },
        },
      },
      async (request) => {
        if (!(await includePhrase(sql, callerOf(request).userId, request.params.id))) throw new ApiError('PHRASE_NOT_FOUND')
        return { message: 'Phrase shown again' }
      },
    )
    done()
  }
}
