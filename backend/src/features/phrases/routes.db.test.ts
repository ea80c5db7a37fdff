import type { AuditList } from '@kennwilliamson/contracts/admin'
import { Phrase, type AdminPhrase, type UserPhraseList } from '@kennwilliamson/contracts/phrases'
import type { SharedView } from '@kennwilliamson/contracts/sharing'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectProblem, useHarness } from '../../testing/harness.ts'

const harness = useHarness()
const NOBODYS = '0198a9a0-0000-7000-8000-000000000000'
let admin: { id: string; token: string }

beforeAll(async () => {
  const { user, token } = await harness.registerAdmin()
  admin = { id: user.id, token }
})

const asAdmin = (method: string, path: string, body?: object) =>
  harness.call(method, path, { token: admin.token, ...(body ? { body } : {}) })
const textsOf = async (mood: string): Promise<string[]> =>
  (await harness.owner<{ phrase_text: string }[]>`select phrase_text from phrases where active and mood = ${mood}`).map(
    ({ phrase_text }) => phrase_text,
  )
/** Hides every phrase but some from a user. */
async function hideAllBut(userId: string, kept: string[]): Promise<void> {
  await harness.owner`
    insert into user_excluded_phrases (user_id, phrase_id)
    select ${userId}, id from phrases where phrase_text <> all(${kept}) on conflict do nothing`
}

describe('a new site', () => {
  test('has 20 phrases of each mood, none twice, numbered from 1 on', async () => {
    const rows = await harness.owner`select phrase_text, mood, place from phrases order by place`
    expect(new Set(rows.map(({ phrase_text }) => String(phrase_text))).size).toBe(20)
    expect(rows.map(({ place }) => Number(place))).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
    expect(new Set(rows.map(({ mood }) => String(mood)))).toEqual(new Set(['early', 'steady', 'milestone', 'after_reset']))
  })
})

describe('GET /phrases/random', () => {
  test('is a bare JSON string; in 2,000 draws each comes about as often as any other, and none that cheers', async () => {
    const { token } = await harness.register()
    const answer = await harness.call('GET', '/phrases/random', { token })
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
    const all = [...(await textsOf('steady')), ...(await textsOf('early')), ...(await textsOf('after_reset'))]
    const draws = new Map(all.map((phrase) => [phrase, 0]))
    const { drawPhrase } = await import('./queries.ts')
    for (let n = 0; n < 2000; n++) {
      const drawn = (await drawPhrase(harness.sql, NOBODYS)) ?? ''
      draws.set(drawn, (draws.get(drawn) ?? 0) + 1)
    }
    expect([...draws.keys()].toSorted()).toEqual(all.toSorted())
    // 16 that can come, so 125 each; six standard deviations.
    for (const count of draws.values()) expect(Math.abs(count - 125)).toBeLessThan(65)
  })

  test('finds the only one that is not hidden, and is 404 when all are', async () => {
    const { user, token } = await harness.register()
    const [only = ''] = await textsOf('early')
    await hideAllBut(user.id, [only])
    for (let n = 0; n < 20; n++) expect((await harness.call('GET', '/phrases/random', { token })).body).toBe(only)
    const [cheer = ''] = await textsOf('milestone')
    await harness.owner`delete from user_excluded_phrases where user_id = ${user.id}`
    await hideAllBut(user.id, [cheer])
    expect((await harness.call('GET', '/phrases/random', { token })).body).toBe(cheer)
    await harness.call('POST', '/incident-timers', { token })
    expectProblem(await harness.call('GET', '/phrases/random', { token }), 404, 'NO_PHRASE')
    await harness.owner`update incidents set occurred_at = now() - interval '25 hours'`
    expect((await harness.call('GET', '/phrases/random', { token })).body).toBe(cheer)
    await hideAllBut(user.id, [])
    expectProblem(await harness.call('GET', '/phrases/random', { token }), 404, 'NO_PHRASE')
  })
})

describe('the phrase over a clock', () => {
  const longAgo = (days: number) => new Date(Date.now() - days * 86_400_000 - 3_600_000).toISOString()
  const viewOf = async (slug: string) =>
    (await harness.call('GET', `/shared/${slug}/incident-timer`)).body as SharedView & { phrase: string }

  test('fits the run, is the same in the view, by itself and for the owner, and stays; none that cheers after a reset', async () => {
    const { user, token } = await harness.register()
    for (const [occurred_at, mood] of [
      [longAgo(100), 'milestone'],
      [longAgo(40), 'steady'],
      [longAgo(3), 'early'],
      [undefined, 'after_reset'],
    ] as const) {
      await harness.call('POST', '/incident-timers', { token, body: { reset_timestamp: occurred_at } })
      const { phrase } = await viewOf(user.slug)
      expect(await textsOf(mood), mood).toContain(phrase)
      const alone = await harness.call('GET', `/${user.slug}/phrase`)
      expect([alone.status, alone.body, alone.headers['content-type'], alone.headers['x-accel-expires']]).toEqual([
        200,
        phrase,
        'application/json; charset=utf-8',
        '1',
      ])
      expect((await viewOf(user.slug)).phrase).toBe(phrase)
    }
  })

  test('is none that the owner has hidden; with none of the mood left it is one for any time, with none at all there is none', async () => {
    const { user, token } = await harness.register()
    await harness.call('POST', '/incident-timers', { token })
    const [steady = ''] = await textsOf('steady')
    await hideAllBut(user.id, [steady])
    expect((await viewOf(user.slug)).phrase).toBe(steady)
    await hideAllBut(user.id, [])
    expect((await viewOf(user.slug)).phrase).toBe(null)
    expectProblem(await harness.call('GET', `/${user.slug}/phrase`), 404, 'NO_PHRASE')
  })

  test('is 404 for nobody, for the deactivated, and where nothing is public', async () => {
    const { user, token } = await harness.register()
    await harness.call('POST', '/timers', { token, body: { title: 'Shared too', share_level: 'count' } })
    await harness.owner`update timers set share_level = 'private' where user_id = ${user.id} and is_default`
    expect((await harness.call('GET', `/${user.slug}/phrase`)).status).toBe(200)
    await harness.owner`update timers set share_level = 'private' where user_id = ${user.id}`
    const hidden = await harness.call('GET', `/${user.slug}/phrase`)
    expectProblem(hidden, 404, 'NO_PHRASE')
    expect((await harness.call('GET', '/nobody-of-that-name/phrase')).text).toBe(hidden.text)
    const gone = await harness.register()
    await harness.owner`update users set active = false where id = ${gone.user.id}`
    expect((await harness.call('GET', `/${gone.user.slug}/phrase`)).text).toBe(hidden.text)
  })
})

describe('hiding', () => {
  test('takes a phrase out of one’s list and back, however often it is said, and leaves others alone', async () => {
    const [one, other] = [await harness.register(), await harness.register()]
    const listOf = async (token: string) =>
      (await harness.call('GET', '/phrases?limit=100', { token })).body as { phrases: Phrase[]; total: number }
    const before = await listOf(one.token)
    const [phrase] = before.phrases
    const path = `/phrases/exclude/${phrase?.id ?? ''}`
    for (let n = 0; n < 2; n++)
      expect(await harness.call('POST', path, { token: one.token })).toMatchObject({
        status: 200,
        body: { message: 'Phrase hidden' },
      })
    const after = await listOf(one.token)
    expect([after.total, after.phrases.some(({ id }) => id === phrase?.id)]).toEqual([before.total - 1, false])
    expect(await listOf(other.token)).toEqual(before)
    const all = (await harness.call('GET', '/phrases/user', { token: one.token })).body as UserPhraseList
    expect(all.total).toBe(before.total)
    expect(all.phrases.filter(({ is_excluded }) => is_excluded).map(({ id }) => id)).toEqual([phrase?.id])
    expect((await harness.call('GET', '/phrases/excluded', { token: one.token })).body).toMatchObject({
      excluded_phrases: [{ phrase_id: phrase?.id, phrase_text: phrase?.phrase_text }],
      total: 1,
    })
    for (let n = 0; n < 2; n++)
      expect(await harness.call('DELETE', path, { token: one.token })).toMatchObject({
        status: 200,
        body: { message: 'Phrase shown again' },
      })
    expect(await listOf(one.token)).toEqual(before)
  })

  test('of a phrase that is not there is 404', async () => {
    const { token } = await harness.register()
    for (const id of [NOBODYS, 'x', '%00'])
      for (const method of ['POST', 'DELETE'])
        expectProblem(await harness.call(method, `/phrases/exclude/${id}`, { token }), 404, 'PHRASE_NOT_FOUND')
  })

  test('P07: comes along in the export', async () => {
    const { token } = await harness.register()
    const { phrases } = (await harness.call('GET', '/phrases?limit=1', { token })).body as { phrases: Phrase[] }
    await harness.call('POST', `/phrases/exclude/${phrases[0]?.id ?? ''}`, { token })
    await harness.call('POST', '/phrases/suggestions', { token, body: { phrase_text: 'One for the export' } })
    const file = JSON.parse((await harness.call('GET', '/account/export', { token })).text) as Record<string, unknown[]>
    expect(file['excluded_phrases']).toMatchObject([{ phrase_text: phrases[0]?.phrase_text }])
    expect(file['phrase_suggestions']).toMatchObject([{ phrase_text: 'One for the export', status: 'pending' }])
  })
})

describe('GET /phrases/user', () => {
  const listOf = async (token: string, query = '') =>
    (await harness.call('GET', `/phrases/user${query}`, { token })).body as UserPhraseList

  test('finds words, shows what is hidden alone or left out, and counts what it finds', async () => {
    const { token } = await harness.register()
    const made: AdminPhrase[] = []
    for (const text of ['Lanterns one by one', 'Lanterns two by two', 'Lanterns that are gone'])
      made.push((await asAdmin('POST', '/admin/phrases', { phrase_text: text })).body)
    await asAdmin('DELETE', `/admin/phrases/${made[2]?.id ?? ''}`)
    await harness.call('POST', `/phrases/exclude/${made[0]?.id ?? ''}`, { token })
    const found = async (query: string) => {
      const { phrases, total } = await listOf(token, query)
      return [total, ...phrases.map(({ phrase_text, is_excluded }) => `${phrase_text}${is_excluded ? ' (hidden)' : ''}`)]
    }
    const [hidden, shown] = ['Lanterns one by one (hidden)', 'Lanterns two by two']
    expect(await found('?q=LANT')).toEqual([2, shown, hidden])
    expect(await found('?q=lanterns%20tw')).toEqual([1, shown])
    expect(await found('?q=lant&hidden=true')).toEqual([1, hidden])
    expect(await found('?q=lant&hidden=false')).toEqual([1, shown])
    expect(await found('?hidden=true')).toEqual([1, hidden])
    expect(await found('?q=nowhere%20at%20all')).toEqual([0])
    const all = await listOf(token)
    expect([(await listOf(token, '?hidden=false')).total, (await listOf(token, '?q=%26%7C!')).total]).toEqual([
      all.total - 1,
      all.total,
    ])
  })

  test('is read by pages, which stay the same while phrases are hidden', async () => {
    const { token } = await harness.register()
    const all = (await listOf(token)).phrases.map(({ id }) => id)
    for (const query of ['', '&hidden=false']) {
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const page: UserPhraseList = await listOf(token, `?limit=7${query}${cursor === null ? '' : `&cursor=${cursor}`}`)
        seen.push(...page.phrases.map(({ id }) => id))
        if (query !== '' && page.phrases[0]) await harness.call('POST', `/phrases/exclude/${page.phrases[0].id}`, { token })
        cursor = page.next_cursor
      } while (cursor !== null)
      expect(seen).toEqual(all)
    }
  })

  test('I08: refuses what is no limit, no cursor and no choice', async () => {
    const { token } = await harness.register()
    for (const query of ['limit=0', 'limit=101', 'cursor=!', 'hidden=maybe', `q=${'x'.repeat(101)}`])
      expectProblem(await harness.call('GET', `/phrases/user?${query}`, { token }), 400, 'INVALID_INPUT')
  })
})

describe('GET /phrases', () => {
  test('I08: limit and offset are plain numbers within bounds', async () => {
    const { token } = await harness.register()
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=-1',
      'limit=1e2',
      'limit=0x10',
      'limit=NaN',
      'offset=-1',
      'offset=1000000',
      'offset=1.5',
    ])
      expectProblem(await harness.call('GET', `/phrases?${query}`, { token }), 400, 'INVALID_INPUT')
    const rest = (await harness.call('GET', '/phrases?limit=100&offset=15', { token })).body as {
      phrases: Phrase[]
      total: number
    }
    expect(rest.phrases).toHaveLength(rest.total - 15)
    expect((await harness.call('GET', '/phrases?offset=999999', { token })).body).toEqual({ phrases: [], total: rest.total })
  })
})

describe('/admin/phrases', () => {
  test('makes, changes, takes out of use and puts back', async () => {
    const made = await asAdmin('POST', '/admin/phrases', { phrase_text: '  Ein  neuer\tSatz 😀 ' })
    expect(made.status, made.text).toBe(400)
    const answer = await asAdmin('POST', '/admin/phrases', { phrase_text: '  Ein  neuer Satz 😀 ' })
    const phrase: AdminPhrase = answer.body
    expect(answer.status).toBe(201)
    expect(phrase).toMatchObject({ phrase_text: 'Ein neuer Satz 😀', active: true, mood: 'steady', created_by: admin.id })
    const path = `/admin/phrases/${phrase.id}`
    expect((await asAdmin('PUT', path, { mood: 'early', phrase_text: null })).body).toMatchObject({
      mood: 'early',
      phrase_text: 'Ein neuer Satz 😀',
    })
    expect((await asAdmin('PUT', path)).body).toMatchObject({ mood: 'early', active: true })
    expect((await asAdmin('DELETE', path)).body).toEqual({ message: 'Phrase deleted' })
    const found = async (query: string) =>
      (await asAdmin('GET', `/admin/phrases?q=neuer&${query}`)).body as { phrases: AdminPhrase[]; total: number }
    expect(await found('')).toEqual({ phrases: [], total: 0 })
    expect((await found('include_inactive=true')).phrases).toMatchObject([{ id: phrase.id, active: false }])
    expect((await asAdmin('PUT', path, { active: true })).body).toMatchObject({ active: true })
    expect((await found('include_inactive=false')).total).toBe(1)
  })

  test('are written down: who made, changed and deleted which', async () => {
    const { id }: AdminPhrase = (await asAdmin('POST', '/admin/phrases', { phrase_text: 'One for the log' })).body
    await asAdmin('PUT', `/admin/phrases/${id}`, { mood: 'early' })
    await asAdmin('DELETE', `/admin/phrases/${id}`)
    await asAdmin('PUT', `/admin/phrases/${NOBODYS}`, { mood: 'early' })
    const { events } = (await asAdmin('GET', `/admin/audit?user=${admin.id}&limit=3`)).body as AuditList
    expect(events).toMatchObject(
      ['phrase_deleted', 'phrase_changed', 'phrase_made'].map((action) => ({
        action,
        actor_id: admin.id,
        subject_id: null,
        phrase_text: 'One for the log',
      })),
    )
  })

  test('cannot be made without that being written down', async () => {
    await harness.owner`alter table audit_events add constraint planted check (action <> 'phrase_made') not valid`
    for (const headers of [{}, { 'idempotency-key': 'not written down' }])
      expect(
        (await harness.call('POST', '/admin/phrases', { token: admin.token, body: { phrase_text: 'Made by stealth' }, headers }))
          .status,
      ).toBeGreaterThanOrEqual(400)
    await harness.owner`alter table audit_events drop constraint planted`
    expect(await harness.owner`select from phrases where phrase_text = 'Made by stealth'`).toHaveLength(0)
  })

  test('finds beginnings of words, and takes no sign for an operator', async () => {
    await asAdmin('POST', '/admin/phrases', { phrase_text: "Don't panic & carry on" })
    const found = async (q: string) =>
      ((await asAdmin('GET', `/admin/phrases?q=${encodeURIComponent(q)}`)).body as { total: number }).total
    expect([await found('PANI car'), await found('anic'), await found("don't"), await found("' | !:* & (")]).toEqual([
      1,
      0,
      1,
      await found(''),
    ])
    expectProblem(await asAdmin('GET', `/admin/phrases?q=${'x'.repeat(101)}`), 400, 'INVALID_INPUT')
  })

  test('refuses what is too short, too long, one word or no text, and what is not there', async () => {
    for (const phrase_text of [
      'a bc',
      'oneword',
      ' '.repeat(9),
      `a ${'x'.repeat(199)}`,
      'a \u0000 b c',
      'a \u202e b c',
      12,
      null,
      ['a b c d'],
      undefined,
    ])
      expectProblem(await asAdmin('POST', '/admin/phrases', { phrase_text }), 400, 'INVALID_INPUT')
    expectProblem(await asAdmin('POST', '/admin/phrases', { phrase_text: 'fine and well', mood: 'merry' }), 400, 'INVALID_INPUT')
    for (const id of [NOBODYS, 'x']) {
      expectProblem(await asAdmin('PUT', `/admin/phrases/${id}`, { active: true }), 404, 'PHRASE_NOT_FOUND')
      expectProblem(await asAdmin('DELETE', `/admin/phrases/${id}`), 404, 'PHRASE_NOT_FOUND')
    }
  })

  test('ten at once have numbers of their own; five retries with a key make one', async () => {
    const body = { phrase_text: 'One of ten at once' }
    const made = await Promise.all(Array.from({ length: 10 }, () => asAdmin('POST', '/admin/phrases', body)))
    expect(made.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201))
    const headers = { 'idempotency-key': 'the same wish' }
    const retried = await Promise.all(
      Array.from({ length: 5 }, () => harness.call('POST', '/admin/phrases', { token: admin.token, body, headers })),
    )
    expect(new Set(retried.map(({ body }) => (body as AdminPhrase).id)).size).toBe(1)
  })
})
