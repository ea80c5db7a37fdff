import { describe, expect, test } from 'vitest'
import { useHarness, type CallResult } from '../../testing/harness.ts'

const harness = useHarness()

const at = (slug: string, timer = 'incident-timer') => ({
  shared: () => harness.call('GET', `/shared/${encodeURIComponent(slug)}/${timer}`),
  core: () => harness.call('GET', `/${encodeURIComponent(slug)}/incident-timer`),
})

/** What must look alike: everything but the id of the request. */
function outside({ status, headers, text }: CallResult) {
  const { 'x-request-id': _id, date: _date, ...rest } = headers
  return { status, headers: rest, text }
}

/** Somebody with an incident who has moved. */
async function moved(options: { shareLevel?: string; to?: string; incident?: boolean } = {}) {
  const { user, token } = await harness.register({ share_level: options.shareLevel ?? 'count' })
  if (options.incident !== false) await harness.call('POST', '/incident-timers', { token })
  const answer = await harness.call('PUT', '/account/profile', { token, body: { slug: options.to ?? `${user.slug}-moved` } })
  expect(answer.status).toBe(200)
  return { user, token, old: user.slug, present: (answer.body as { slug: string }).slug }
}

const unknown = at('nobody-of-that-name')

describe('Z10: a former address', () => {
  test('leads to the present one, in a way that nothing may keep', async () => {
    const { old, present } = await moved({ to: 'Émile 李' })
    expect(present).toBe('émile-李')
    const [shared, core] = [await at(old).shared(), await at(old).core()]
    expect([shared.status, shared.headers['location'], shared.text]).toEqual([
      307,
      '/backend/shared/%C3%A9mile-%E6%9D%8E/incident-timer',
      '',
    ])
    expect([core.status, core.headers['location'], core.text]).toEqual([307, '/backend/%C3%A9mile-%E6%9D%8E/incident-timer', ''])
    for (const { headers } of [shared, core]) {
      expect(headers['cache-control']).toBe('no-store')
      expect(headers).not.toHaveProperty('x-accel-expires')
    }
    const there = await harness.call('GET', String(shared.headers['location']).replace('/backend', ''))
    expect(there.status).toBe(200)
  })

  test('leads there from each of several, and not in a circle', async () => {
    const { token, old, present } = await moved()
    await harness.call('PUT', '/account/profile', { token, body: { slug: `${present}-again` } })
    for (const slug of [old, present]) expect((await at(slug).shared()).headers['location']).toContain(`/${present}-again/`)
    await harness.call('PUT', '/account/profile', { token, body: { slug: old } })
    expect((await at(old).shared()).status).toBe(200)
    expect((await at(present).shared()).headers['location']).toBe(`/backend/shared/${old}/incident-timer`)
  })

  test.each([
    ['whose timer is private', () => moved({ shareLevel: 'private' })],
    [
      'whose timer is archived',
      async () => {
        const person = await moved()
        await harness.owner`update timers set archived_at = now() where user_id = ${person.user.id}`
        return person
      },
    ],
    [
      'whose owner is deactivated',
      async () => {
        const person = await moved()
        await harness.owner`update users set active = false where id = ${person.user.id}`
        return person
      },
    ],
    [
      'whose owner is gone',
      async () => {
        const person = await moved()
        await harness.owner`delete from users where id = ${person.user.id}`
        return person
      },
    ],
    [
      'that has expired',
      async () => {
        const person = await moved()
        await harness.owner`update former_slugs set expires_at = now() where user_id = ${person.user.id}`
        return person
      },
    ],
  ])('%s is to the byte what nobody ever had', async (_what, make) => {
    const { old } = await make()
    expect(outside(await at(old).shared())).toEqual(outside(await unknown.shared()))
    expect(outside(await at(old).core())).toEqual(outside(await unknown.core()))
    expect((await unknown.shared()).status).toBe(404)
  })

  test('of a timer without an incident is nothing to the core, which shows incidents only', async () => {
    const { old } = await moved({ incident: false })
    expect(outside(await at(old).core())).toEqual(outside(await unknown.core()))
    expect((await at(old).shared()).status).toBe(307)
  })

  test('with a timer that is not there is unknown', async () => {
    const { old } = await moved()
    expect(outside(await at(old, 'another').shared())).toEqual(outside(await at('nobody-of-that-name', 'another').shared()))
  })

  test('that somebody new has is theirs alone', async () => {
    const { old, user } = await moved()
    await harness.owner`update former_slugs set expires_at = now() where user_id = ${user.id}`
    const other = await harness.register({ share_level: 'private' })
    expect((await harness.call('PUT', '/account/profile', { token: other.token, body: { slug: old } })).status).toBe(200)
    expect(outside(await at(old).shared())).toEqual(outside(await unknown.shared()))
  })
})
