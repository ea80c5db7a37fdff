import type { SharedView } from '@kennwilliamson/contracts/sharing'
import { SHARE_LEVELS } from '@kennwilliamson/contracts/share-levels'
import { describe, expect, test } from 'vitest'
import { expectProblem, useHarness, type CallResult } from '../../testing/harness.ts'

const harness = useHarness()

async function ownerWithIncident(shareLevel: string, notes: string | null = 'a private thought') {
  const { user, token } = await harness.register({ share_level: shareLevel, time_zone: 'Asia/Tokyo' })
  const entry = (
    await harness.call('POST', '/incident-timers', { token, body: { reset_timestamp: '2026-05-05T05:05:05.5Z', notes } })
  ).body
  return { user, token, entry: entry as { id: string } }
}

const publicEntry = (slug: string) => harness.call('GET', `/${encodeURIComponent(slug)}/incident-timer`)
const sharedView = (slug: string, timer = 'incident-timer') => harness.call('GET', `/shared/${encodeURIComponent(slug)}/${timer}`)

/** What must look alike: everything but the id of the request. */
function outside({ status, headers, text }: CallResult) {
  const { 'x-request-id': _id, date: _date, ...rest } = headers
  return { status, headers: rest, text }
}

describe('GET /{user_slug}/incident-timer', () => {
  test('is the newest incident with the owner’s name, its note only from level notes on', async () => {
    for (const level of SHARE_LEVELS.filter((level) => level !== 'private')) {
      const { user, entry } = await ownerWithIncident(level)
      const answer = await publicEntry(user.slug)
      const notes = level === 'notes' || level === 'history' ? 'a private thought' : null
      expect(answer.body).toEqual({ ...entry, notes, user_display_name: user.display_name })
    }
  })

  test('unknown, private, archived, deactivated and empty are one and the same 404', async () => {
    const hidden = await ownerWithIncident('private')
    const archived = await ownerWithIncident('count')
    await harness.owner`update timers set archived_at = now() where user_id = ${archived.user.id}`
    const gone = await ownerWithIncident('count')
    await harness.owner`update users set active = false where id = ${gone.user.id}`
    const empty = await harness.register()
    const unknown = await publicEntry('nobody-of-that-name')
    expectProblem(unknown, 404, 'NO_PUBLIC_TIMER')
    expect(unknown.body as { error: string }).toMatchObject({ error: 'No timer found for this user' })
    for (const slug of [hidden.user.slug, archived.user.slug, gone.user.slug, empty.user.slug]) {
      expect(outside(await publicEntry(slug))).toEqual(outside(unknown))
    }
  })
})

describe('GET /shared/{user_slug}/{timer_slug}', () => {
  test('before the first incident it runs from the start, afterwards from the newest incident', async () => {
    const { user, token } = await harness.register({ time_zone: 'Asia/Tokyo' })
    const before = (await sharedView(user.slug)).body as SharedView
    expect(Math.abs(Date.parse(before.since) - Date.now())).toBeLessThan(5_000)
    await harness.call('POST', '/incident-timers', { token, body: { reset_timestamp: '2026-05-05T05:05:05.5Z', notes: 'x' } })
    const answer = await sharedView(user.slug)
    const after = answer.body as SharedView
    expect(after).toEqual({
      title: 'Time since the last incident',
      user_display_name: user.display_name,
      since: '2026-05-05T05:05:05.5Z',
      before_first: false,
      time_zone: 'Asia/Tokyo',
      phrase: expect.any(String) as string,
      share_level: 'count',
      is_listed: false,
      revision: before.revision + 1,
      server_time: expect.any(String) as string,
    })
    expect(Math.abs(Date.parse(after.server_time) - Date.now())).toBeLessThan(5_000)
    expect(answer.headers).toMatchObject({ 'cache-control': 'public, max-age=1', 'x-accel-expires': '1' })
  })

  test('P04: shows no address, id or hash at any level, and a note only from level notes on', async () => {
    for (const level of SHARE_LEVELS.filter((level) => level !== 'private')) {
      const { user, entry } = await ownerWithIncident(level)
      const { text } = await sharedView(user.slug)
      const secrets = [user.email, user.id, entry.id]
      if (level === 'count' || level === 'stats') secrets.push('a private thought')
      for (const secret of secrets) expect(text).not.toContain(secret)
    }
  })

  test('unknown user, unknown timer, private, archived and deactivated are one and the same 404', async () => {
    const hidden = await ownerWithIncident('private')
    const archived = await ownerWithIncident('count')
    await harness.owner`update timers set archived_at = now() where user_id = ${archived.user.id}`
    const gone = await ownerWithIncident('count')
    await harness.owner`update users set active = false where id = ${gone.user.id}`
    const unknown = await sharedView('nobody-of-that-name')
    expectProblem(unknown, 404, 'TIMER_NOT_FOUND')
    expect(unknown.headers).not.toHaveProperty('x-accel-expires')
    expect(outside(await sharedView(archived.user.slug, 'other'))).toEqual(outside(unknown))
    for (const slug of [hidden.user.slug, archived.user.slug, gone.user.slug]) {
      expect(outside(await sharedView(slug))).toEqual(outside(unknown))
    }
  })

  test('an address in other case, or one that cannot be a slug, is 404', async () => {
    const { user } = await ownerWithIncident('count')
    for (const slug of [user.slug.toUpperCase(), 'a%00b', "' or 1=1 --", 'a/b', 'x'.repeat(300), 'x'.repeat(3000), '-a', '🙂']) {
      const { status } = await sharedView(slug)
      expect(status, slug).toBe(404)
    }
  })

  test('a slug in another script is found', async () => {
    const { user } = await harness.register({ display_name: '李 小龍' })
    expect((await sharedView(user.slug)).status).toBe(200)
  })
})
