import type { AuditList } from '@kennwilliamson/contracts/admin'
import type { NewSuggestion, SuggestionList, WaitingSuggestionList } from '@kennwilliamson/contracts/phrases'
import { MAX_PENDING_SUGGESTIONS } from '@kennwilliamson/contracts/phrases'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectProblem, useHarness } from '../../testing/harness.ts'

const harness = useHarness()
const NOBODYS = '0198a9a0-0000-7000-8000-000000000000'
let admin: { id: string; token: string }

beforeAll(async () => {
  const { user, token } = await harness.registerAdmin()
  admin = { id: user.id, token }
})

async function suggest(token: string, phrase_text = 'Something to think about'): Promise<NewSuggestion> {
  const answer = await harness.call('POST', '/phrases/suggestions', { token, body: { phrase_text } })
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}
const decide = (id: string, verb: string, body?: object) =>
  harness.call('POST', `/admin/suggestions/${id}/${verb}`, { token: admin.token, ...(body ? { body } : {}) })
const own = async (token: string, query = '') =>
  (await harness.call('GET', `/phrases/suggestions${query}`, { token })).body as SuggestionList
const pending = async (query = '') =>
  (await harness.call('GET', `/admin/suggestions${query}`, { token: admin.token })).body as WaitingSuggestionList

describe('POST /phrases/suggestions', () => {
  test('201 with the suggestion, trimmed; it is among one’s own, newest first, and waits', async () => {
    const { user, token } = await harness.register()
    const first = await suggest(token, '  Trimmed   and tidy ')
    expect(first).toMatchObject({
      user_id: user.id,
      phrase_text: 'Trimmed and tidy',
      status: 'pending',
      admin_id: null,
      admin_reason: null,
    })
    const second = await suggest(token)
    expect((await own(token)).suggestions.map(({ id }) => id)).toEqual([second.id, first.id])
    const waiting = (await pending()).suggestions.map(({ id }) => id)
    expect(waiting.indexOf(first.id)).toBeLessThan(waiting.indexOf(second.id))
    expect(waiting).toContain(first.id)
  })

  test('refuses what is no phrase', async () => {
    const { token } = await harness.register()
    for (const phrase_text of ['', 'abcd', 'single', `a ${'b'.repeat(199)}`, 'a\u0000b cd', {}, null])
      expectProblem(await harness.call('POST', '/phrases/suggestions', { token, body: { phrase_text } }), 400, 'INVALID_INPUT')
    expect((await own(token)).total).toBe(0)
  })

  test('twenty may wait, however many come at once; a decision makes room; five retries make one', async () => {
    const { token } = await harness.register()
    const body = { phrase_text: 'One of very many' }
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => harness.call('POST', '/phrases/suggestions', { token, body })),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MAX_PENDING_SUGGESTIONS)
    for (const answer of answers.filter(({ status }) => status !== 201)) expectProblem(answer, 409, 'TOO_MANY_SUGGESTIONS')
    const [newest] = (await own(token)).suggestions
    await decide(newest?.id ?? '', 'reject')
    const headers = { 'idempotency-key': 'once' }
    const retried = await Promise.all(
      Array.from({ length: 5 }, () => harness.call('POST', '/phrases/suggestions', { token, body, headers })),
    )
    expect(new Set(retried.map(({ status, body }) => `${status} ${(body as NewSuggestion).id}`)).size).toBe(1)
  })
})

describe('DELETE /phrases/suggestions/{id}', () => {
  test('takes back what waits, one’s own alone, and nothing that is decided', async () => {
    const [one, other] = [await harness.register(), await harness.register()]
    const [first, second] = [await suggest(one.token), await suggest(one.token)]
    for (const [token, id] of [
      [other.token, first.id],
      [one.token, NOBODYS],
      [one.token, 'x'],
    ] as const)
      expectProblem(await harness.call('DELETE', `/phrases/suggestions/${id}`, { token }), 404, 'SUGGESTION_NOT_FOUND')
    expect((await harness.call('DELETE', `/phrases/suggestions/${first.id}`, { token: one.token })).status).toBe(204)
    await decide(second.id, 'approve')
    expectProblem(await harness.call('DELETE', `/phrases/suggestions/${second.id}`, { token: one.token }), 409, 'ALREADY_DECIDED')
    expect((await own(one.token)).suggestions.map(({ id }) => id)).toEqual([second.id])
  })
})

describe('an administrator’s decision', () => {
  test('approved is a phrase by the one who suggested it, with the reason for them', async () => {
    const { user, token } = await harness.register()
    const { id } = await suggest(token, 'Worth being said aloud')
    const answer = await decide(id, 'approve', { admin_reason: ' Well put ' })
    expect([answer.status, answer.body]).toEqual([200, { message: 'Suggestion approved' }])
    expect((await own(token)).suggestions).toMatchObject([{ id, status: 'approved', admin_reason: 'Well put' }])
    const rows =
      await harness.owner`select phrase_text, active, created_by from phrases where phrase_text = 'Worth being said aloud'`
    expect(rows).toEqual([{ phrase_text: 'Worth being said aloud', active: true, created_by: user.id }])
    expect((await pending()).suggestions.map((one) => one.id)).not.toContain(id)
  })

  test('rejected is none', async () => {
    const { token } = await harness.register()
    const { id } = await suggest(token, 'Better left unsaid, this')
    expect((await decide(id, 'reject')).body).toEqual({ message: 'Suggestion rejected' })
    expect((await own(token)).suggestions).toMatchObject([{ status: 'rejected', admin_reason: null }])
    expect(await harness.owner`select from phrases where phrase_text = 'Better left unsaid, this'`).toHaveLength(0)
  })

  test('falls once: of twenty at the same moment one is taken, and there is one phrase', async () => {
    const { token } = await harness.register()
    const { id } = await suggest(token, 'Approved by twenty at once')
    const answers = await Promise.all(Array.from({ length: 20 }, () => decide(id, 'approve')))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 200)) expectProblem(answer, 409, 'ALREADY_DECIDED')
    expect(await harness.owner`select from phrases where phrase_text = 'Approved by twenty at once'`).toHaveLength(1)
    expectProblem(await decide(id, 'reject'), 409, 'ALREADY_DECIDED')
  })

  test('is all or nothing: where no phrase can be made, nothing is decided', async () => {
    const { token } = await harness.register()
    const { id } = await suggest(token, 'Not made this time')
    await harness.owner`alter table phrases add constraint planted check (phrase_text <> 'Not made this time')`
    expect((await decide(id, 'approve')).status).toBeGreaterThanOrEqual(400)
    await harness.owner`alter table phrases drop constraint planted`
    expect((await own(token)).suggestions).toMatchObject([{ status: 'pending' }])
    expect((await decide(id, 'approve')).status).toBe(200)
  })

  test('needs a suggestion, and words that can be kept', async () => {
    for (const id of [NOBODYS, 'x'])
      for (const verb of ['approve', 'reject']) expectProblem(await decide(id, verb), 404, 'SUGGESTION_NOT_FOUND')
    const { id } = await suggest((await harness.register()).token)
    for (const admin_reason of ['x'.repeat(501), 12, 'a\u0000'])
      expectProblem(await decide(id, 'reject', { admin_reason }), 400, 'INVALID_INPUT')
  })
})

describe('the news of a decision', () => {
  const unseen = async (token: string) => (await own(token, '?unseen=true')).suggestions.map(({ id }) => id)
  const see = (token: string, ids: unknown) => harness.call('POST', '/phrases/suggestions/seen', { token, body: { ids } })

  test('is there from the decision until it was seen; what waits is none', async () => {
    const { token } = await harness.register()
    const [waiting, taken, refused] = [await suggest(token), await suggest(token), await suggest(token)]
    expect(await own(token, '?unseen=true')).toEqual({ suggestions: [], total: 0, next_cursor: null })
    await decide(taken.id, 'approve', { admin_reason: 'Fits well' })
    await decide(refused.id, 'reject')
    expect(await own(token, '?unseen=true')).toMatchObject({
      suggestions: [
        { id: refused.id, status: 'rejected' },
        { id: taken.id, admin_reason: 'Fits well' },
      ],
      total: 2,
    })
    // One that waits is passed over: its decision is news all the same.
    expect((await see(token, [waiting.id, taken.id])).status).toBe(204)
    expect(await unseen(token)).toEqual([refused.id])
    await decide(waiting.id, 'reject')
    expect(await unseen(token)).toEqual([refused.id, waiting.id])
    for (let n = 0; n < 2; n++) expect((await see(token, [refused.id, waiting.id])).status).toBe(204)
    expect(await unseen(token)).toEqual([])
    expect((await own(token)).total).toBe(3)
  })

  test('Z03: nobody else can see it, or say that it was seen', async () => {
    const [one, other] = [await harness.register(), await harness.register()]
    const { id } = await suggest(one.token)
    await decide(id, 'reject', { admin_reason: 'For one person alone' })
    expect(await unseen(other.token)).toEqual([])
    expect((await see(other.token, [id])).status).toBe(204)
    expect(await unseen(one.token)).toEqual([id])
  })

  test('I08: ids are a list of some', async () => {
    const { token } = await harness.register()
    for (const ids of [[], ['x'], 'x', null, undefined, [1], Array.from({ length: 1001 }, () => NOBODYS)])
      expectProblem(await see(token, ids), 400, 'INVALID_INPUT')
    expectProblem(await harness.call('GET', '/phrases/suggestions?unseen=yes', { token }), 400, 'INVALID_INPUT')
  })
})

describe('lists of suggestions', () => {
  test('are read by pages, which stay the same while others come', async () => {
    const { user, token } = await harness.register()
    const ids: string[] = []
    for (let n = 0; n < 5; n++) ids.push((await suggest(token, `Number ${n} of five`)).id)
    const first = await own(token, '?limit=2')
    expect([first.suggestions.map(({ id }) => id), first.total]).toEqual([[ids[4], ids[3]], 5])
    await suggest(token, 'One that came between')
    const second = await own(token, `?limit=2&cursor=${first.next_cursor}`)
    expect(second.suggestions.map(({ id }) => id)).toEqual([ids[2], ids[1]])
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: WaitingSuggestionList = await pending(`?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
      seen.push(...page.suggestions.filter(({ user_slug }) => user_slug === user.slug).map(({ id }) => id))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(seen.slice(0, 5)).toEqual(ids)
  })

  test('name the one who suggested it to administrators', async () => {
    const { user, token } = await harness.register()
    const { id } = await suggest(token)
    expect((await pending()).suggestions.find((one) => one.id === id)).toMatchObject({
      user_display_name: user.display_name,
      user_slug: user.slug,
    })
  })
})

describe('a decision', () => {
  test('gives the phrase its mood, and is in the audit log, not among the events of whoever suggested it', async () => {
    const { user, token } = await harness.register()
    const [taken, refused] = [await suggest(token, 'Early is when it counts'), await suggest(token, 'Not this one')]
    expect((await decide(taken.id, 'approve', { mood: 'early' })).status).toBe(200)
    expect((await decide(refused.id, 'reject')).status).toBe(200)
    expectProblem(await decide(taken.id, 'approve', { mood: 'merry' }), 400, 'INVALID_INPUT')
    expect(await harness.owner`select mood from phrases where phrase_text = 'Early is when it counts'`).toEqual([
      { mood: 'early' },
    ])
    const log = (await harness.call('GET', `/admin/audit?user=${user.id}`, { token: admin.token })).body as AuditList
    expect(log.events.slice(0, 2)).toMatchObject([
      { action: 'suggestion_rejected', actor_id: admin.id, subject_id: user.id, phrase_text: 'Not this one' },
      { action: 'suggestion_approved', actor_id: admin.id, subject_id: user.id, phrase_text: 'Early is when it counts' },
    ])
    const events = (await harness.call('GET', '/account/events', { token })).body as { events: { action: string }[] }
    expect(events.events.map(({ action }) => action)).toEqual(['registered'])
  })
})
