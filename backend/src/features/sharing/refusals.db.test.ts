import { SharedIncidentList, type SharedView } from '@kennwilliamson/contracts/sharing'
import { describe, expect, test } from 'vitest'
import { openEvents, type EventReader } from '../../testing/event-reader.ts'
import { fullTimer as makeFullTimer, linkedTimer, outside, type FullTimer } from '../../testing/full-timer.ts'
import { buildTestApp, expectProblem, testConfig, useHarness, type CallResult } from '../../testing/harness.ts'

const harness = useHarness()

const get = (path: string) => harness.call('GET', path)
const fullTimer = (level: string) => makeFullTimer(harness, level)

describe('Z11: what is not there', () => {
  const OUTPUTS = ['', '/incidents', '/events', '/badge.svg', '/card.png']
  const publicWays: [string, () => Promise<string>][] = [
    ['a private timer', async () => at(await fullTimer('private'))],
    [
      'an archived timer',
      async () => at(await changed((id) => harness.owner`update timers set archived_at = now() where id = ${id}`)),
    ],
    [
      'a timer of somebody deactivated',
      async () => at(await changedUser((id) => harness.owner`update users set active = false where id = ${id}`)),
    ],
    [
      'a timer of somebody who is gone',
      async () => at(await changedUser((id) => harness.owner`delete from users where id = ${id}`)),
    ],
    ['no timer of somebody who is there', async () => `/shared/${(await fullTimer('history')).user.slug}/another`],
  ]
  const at = ({ user }: FullTimer) => `/shared/${user.slug}/incident-timer`
  async function changed(change: (timerId: string) => PromiseLike<unknown>) {
    const owner = await fullTimer('history')
    await change(owner.timerId)
    return owner
  }
  async function changedUser(change: (userId: string) => PromiseLike<unknown>) {
    const owner = await fullTimer('history')
    await change(owner.user.id)
    return owner
  }

  test.each(publicWays)('%s is to the byte what nobody ever had', async (_what, make) => {
    const path = await make()
    for (const output of OUTPUTS) {
      const unknown = await get(`/shared/nobody-of-that-name/incident-timer${output}`)
      expect(unknown.status).toBe(404)
      expect(outside(await get(path + output)), output).toEqual(outside(unknown))
    }
  })

  const linkWays: [string, () => Promise<string>][] = [
    ['a secret of the right form', () => Promise.resolve(`/s/${'A'.repeat(32)}`)],
    ['a secret of no form', () => Promise.resolve('/s/%20%00%F0%9F%99%82')],
    ['a secret that is SQL', () => Promise.resolve(`/s/${encodeURIComponent("' or 1=1 --")}`)],
    ['a secret of a thousand characters', () => Promise.resolve(`/s/${'x'.repeat(1_000)}`)],
    ['a revoked link', () => ended((linkId) => harness.owner`delete from secret_links where id = ${linkId}`)],
    ['an expired link', () => ended((linkId) => harness.owner`update secret_links set expires_at = now() where id = ${linkId}`)],
    [
      'a link to an archived timer',
      () =>
        ended(
          (linkId) =>
            harness.owner`update timers set archived_at = now() where id = (select timer_id from secret_links where id = ${linkId})`,
        ),
    ],
  ]
  async function ended(end: (linkId: string) => PromiseLike<unknown>) {
    const owner = await linkedTimer(harness, 'history', 'history')
    const [link] = await harness.owner<{ id: string }[]>`select id from secret_links where timer_id = ${owner.timerId}`
    expect((await get(owner.path)).status).toBe(200)
    await end(link?.id ?? '')
    return owner.path
  }

  test.each(linkWays)('%s is to the byte a link that never was', async (_what, make) => {
    const path = await make()
    for (const output of OUTPUTS) {
      const unknown = await get(`/s/of-no-link${output}`)
      expect([unknown.status, unknown.headers['x-robots-tag'], unknown.headers['cache-control']]).toEqual([
        404,
        'noindex',
        'no-store',
      ])
      expect(outside(await get(path + output)), output).toEqual(outside(unknown))
    }
  })

  test('takes as long to refuse, whatever is wrong', async () => {
    const owner = await fullTimer('private')
    const [publics, links] = [
      [at(owner), '/shared/nobody-of-that-name/incident-timer'],
      [
        await ended((linkId) => harness.owner`update secret_links set expires_at = now() where id = ${linkId}`),
        '/s/of-no-link',
        `/s/${'x'.repeat(1_000)}`,
      ],
    ]
    for (const paths of [publics, links]) {
      const best = new Map<string, number>()
      for (let round = 0; round < 25; round++)
        for (const path of paths) {
          const began = performance.now()
          await get(path)
          best.set(path, Math.min(best.get(path) ?? Infinity, performance.now() - began))
        }
      const times = [...best.values()]
      expect(Math.max(...times) - Math.min(...times)).toBeLessThan(3)
    }
  }, 30_000)

  test('I11: a badge that is asked for wrongly is refused before anything is looked up', async () => {
    const { user } = await fullTimer('history')
    for (const query of [
      '?color=url(x)',
      '?color=javascript:1',
      '?color=12345',
      '?label=',
      `?label=${'x'.repeat(101)}`,
      '?label=a%00b',
      '?label=a%0d%0aSet-Cookie:x',
    ])
      for (const slug of [user.slug, 'nobody-of-that-name'])
        expect((await get(`/shared/${slug}/incident-timer/badge.svg${query}`)).status, query).toBe(400)
    const plain = await get(`/shared/${user.slug}/incident-timer/badge.svg?color=3a6ea5&label=${encodeURIComponent('<b>&"')}`)
    expect(plain.text).toContain('&#60;b&#62;&#38;&#34;')
    expect(plain.text).toContain('fill="#3a6ea5"')
  })
})

describe('a former address', () => {
  test.each(['', '/incidents', '/events', '/badge.svg', '/card.png'])(
    'leads to the present one, with what was asked for: %s',
    async (output) => {
      const { user, token } = await fullTimer('history')
      await harness.call('PUT', '/account/profile', { token, body: { slug: `${user.slug}-moved` } })
      const answer = await get(`/shared/${user.slug}/incident-timer${output}${output === '/badge.svg' ? '?color=red' : ''}`)
      expect([answer.status, answer.headers['location']]).toEqual([
        307,
        `/backend/shared/${user.slug}-moved/incident-timer${output}${output === '/badge.svg' ? '?color=red' : ''}`,
      ])
      expect(answer.headers).not.toHaveProperty('x-accel-expires')
    },
  )
})

describe('the pages of incidents', () => {
  test('have each one once, in order, though many are of the same time; their cursors name no incident', async () => {
    const owner = await fullTimer('history')
    await harness.owner`delete from incidents where timer_id = ${owner.timerId}`
    await harness.owner`
      insert into incidents (timer_id, occurred_at, notes)
      select ${owner.timerId}, '2026-01-01T00:00:00Z'::timestamptz - make_interval(secs => n / 7), 'n' || n from generate_series(0, 119) n
    `
    const path = `/shared/${owner.user.slug}/incident-timer`
    const ids = (await harness.owner<{ id: string }[]>`select id from incidents where timer_id = ${owner.timerId}`).map(
      ({ id }) => id,
    )
    for (const limit of [1, 3, 50, 100]) {
      const seen: (string | null)[] = []
      let cursor: string | null = null
      do {
        const answer: CallResult = await get(`${path}/incidents?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`)
        const page = SharedIncidentList.parse(answer.body)
        seen.push(...page.incidents.map(({ notes }) => notes))
        cursor = page.next_cursor
        const said = Buffer.from(cursor ?? '', 'base64url').toString()
        for (const id of ids) expect(said.includes(id)).toBe(false)
      } while (cursor !== null)
      expect([seen.length, new Set(seen).size]).toEqual([120, 120])
    }
    const view = (await get(path)).body as SharedView
    const next = (await get(`${path}/incidents?cursor=${view.next_cursor ?? ''}`)).body as SharedIncidentList
    expect(view.incidents).toHaveLength(50)
    expect(new Set([...(view.incidents ?? []), ...next.incidents].map(({ notes }) => notes)).size).toBe(100)
  })

  test.each([
    'x',
    'e30',
    '!!',
    Buffer.from('["2026-01-01T00:00:00Z",-1]').toString('base64url'),
    Buffer.from('["infinity",1]').toString('base64url'),
  ])('refuse a cursor that no list gave: %s', async (cursor) => {
    const { user } = await fullTimer('history')
    for (const slug of [user.slug, 'nobody-of-that-name'])
      expect((await get(`/shared/${slug}/incident-timer/incidents?cursor=${cursor}`)).status).toBe(400)
  })
})

test('where there is no room for one more stream, it is refused with a time to come back', async () => {
  const { user } = await fullTimer('history')
  const live = { ...harness.parts.live, hasRoom: () => false }
  const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql, {}, { live })
  const answer = await app.inject(`/backend/shared/${user.slug}/incident-timer/events`)
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '10'])
  // Who may not see it is not told that there is no room.
  expect((await app.inject('/backend/shared/nobody-of-that-name/x/events')).statusCode).toBe(404)
  await app.close()
})

test('a card that cannot be drawn now is refused with a time to come back', async () => {
  const { user } = await fullTimer('count')
  const cards = { ...harness.parts.cards, draw: () => Promise.resolve('busy' as const) }
  const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql, {}, { cards })
  const answer = await app.inject(`/backend/shared/${user.slug}/incident-timer/card.png`)
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5'])
  await app.close()
})

test('the headers of a stream can be asked for alone', async () => {
  const { user } = await fullTimer('count')
  const answer = await harness.call('HEAD', `/shared/${user.slug}/incident-timer/events`)
  expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([200, 'text/event-stream; charset=utf-8', ''])
})

test('streams take nobody’s place: more of them than there may be requests at once', async () => {
  const { user } = await fullTimer('count')
  const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql, { maxInFlight: 2 })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const base = `http://127.0.0.1:${String((app.server.address() as { port: number }).port)}/backend/shared/${user.slug}/incident-timer`
  const readers: EventReader[] = []
  for (let n = 0; n < 6; n++) readers.push(await openEvents(`${base}/events`))
  for (const reader of readers) expect((await reader.event(0)).event).toBe('snapshot')
  expect((await app.inject(`/backend/shared/${user.slug}/incident-timer`)).statusCode).toBe(200)
  // Nor do they keep it from closing.
  const began = performance.now()
  await app.close()
  for (const reader of readers) await reader.ended
  expect(performance.now() - began).toBeLessThan(2_000)
})

test('a question for a secret link that fails is logged without the secret', async () => {
  await harness.owner`alter table secret_links rename to secret_links_away`
  const answer = await get('/s/a-secret-of-somebody')
  await harness.owner`alter table secret_links_away rename to secret_links`
  expectProblem(answer, 500, 'INTERNAL')
  expect(harness.logs.join('')).toContain('/backend/s/…')
  expect(harness.logs.join('')).not.toContain('a-secret-of-somebody')
})
