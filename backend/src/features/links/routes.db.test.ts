import { createHash } from 'node:crypto'
import { MAX_LINKS, type NewSecretLink, type SecretLinkList } from '@kennwilliamson/contracts/links'
import type { TimerList } from '@kennwilliamson/contracts/timers'
import { describe, expect, test } from 'vitest'
import { expectProblem, SITE_URL, useHarness } from '../../testing/harness.ts'
import { sweepLinks } from './queries.ts'

const harness = useHarness()

async function ownerWithTimer(shareLevel = 'private') {
  const { user, token } = await harness.register({ share_level: shareLevel })
  const list = (await harness.call('GET', '/timers', { token })).body as TimerList
  return { user, token, timerId: list.timers[0]?.id ?? '' }
}

async function makeLink({ token, timerId }: { token: string; timerId: string }, body: object = { share_level: 'count' }) {
  const answer = await harness.call('POST', `/timers/${timerId}/links`, { token, body })
  expect(answer.status, answer.text).toBe(201)
  const link: NewSecretLink = answer.body
  return { ...link, secret: link.url.replace(`${SITE_URL}/s/`, '') }
}

const listOf = async ({ token, timerId }: { token: string; timerId: string }) =>
  ((await harness.call('GET', `/timers/${timerId}/links`, { token })).body as SecretLinkList).links

describe('POST /timers/{id}/links', () => {
  test('answers the whole address once; kept is a hash, and nothing in a dump opens it', async () => {
    const owner = await ownerWithTimer()
    const { secret, url: _url, ...link } = await makeLink(owner, { share_level: 'history', expires_at: '2199-01-01T00:00:00Z' })
    expect(secret).toMatch(/^[\w-]{32}$/)
    expect(link).toEqual({
      id: link.id,
      share_level: 'history',
      expires_at: '2199-01-01T00:00:00Z',
      last_used_at: null,
      created_at: link.created_at,
    })
    expect(await listOf(owner)).toEqual([link])
    const [row] = await harness.owner`select * from secret_links where id = ${link.id}`
    expect((row?.['secret_hash'] as Buffer).equals(createHash('sha256').update(secret).digest())).toBe(true)
    expect(JSON.stringify(row)).not.toContain(secret)
    expect((await harness.call('GET', `/s/${secret}`)).status).toBe(200)
    expect(harness.logs.join('')).not.toContain(secret)
  })

  test('S21: a thousand secrets have 128 bits and more, none twice, each bit as often set as not', async () => {
    const { createLinkSecret } = await import('./secret.ts')
    const secrets = Array.from({ length: 1_000 }, () => createLinkSecret().secret)
    expect(new Set(secrets).size).toBe(1_000)
    const bytes = secrets.map((secret) => Buffer.from(secret, 'base64url'))
    expect(bytes.every(({ length }) => length * 8 >= 128)).toBe(true)
    for (let bit = 0; bit < 192; bit++) {
      const set = bytes.filter((one) => ((one[bit >> 3] ?? 0) >> (bit & 7)) & 1).length
      expect(set).toBeGreaterThan(380)
      expect(set).toBeLessThan(620)
    }
  })

  test('refuses a time that is past, level private, and what is none of both', async () => {
    const owner = await ownerWithTimer()
    for (const body of [
      { share_level: 'count', expires_at: '2020-01-01T00:00:00Z' },
      { share_level: 'private' },
      { share_level: 'everything' },
      { share_level: 'count', expires_at: 'tomorrow' },
      { share_level: 'count', expires_at: 12 },
      {},
    ])
      expectProblem(
        await harness.call('POST', `/timers/${owner.timerId}/links`, { token: owner.token, body }),
        400,
        'INVALID_INPUT',
      )
    expect(await listOf(owner)).toEqual([])
  })

  test('a timer has twenty, however many are asked for at once; a revoked one makes room', async () => {
    const owner = await ownerWithTimer()
    const body = { share_level: 'count' }
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => harness.call('POST', `/timers/${owner.timerId}/links`, { token: owner.token, body })),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MAX_LINKS)
    for (const answer of answers.filter(({ status }) => status !== 201)) expectProblem(answer, 409, 'TOO_MANY_LINKS')
    const links = await listOf(owner)
    expect(links).toHaveLength(MAX_LINKS)
    await harness.call('DELETE', `/timers/${owner.timerId}/links/${links[0]?.id ?? ''}`, { token: owner.token })
    await makeLink(owner)
  })
})

describe('a link', () => {
  test('shows a private timer at its own level, whatever the timer’s becomes', async () => {
    const owner = await ownerWithTimer()
    const { secret } = await makeLink(owner, { share_level: 'stats' })
    for (const level of ['private', 'history', 'count']) {
      await harness.owner`update timers set share_level = ${level} where id = ${owner.timerId}`
      const answer = await harness.call('GET', `/s/${secret}`)
      expect(answer.body as object).toMatchObject({ share_level: 'stats' })
      expect(answer.body as object).not.toHaveProperty('note')
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex',
      })
      expect(answer.headers).not.toHaveProperty('x-accel-expires')
    }
  })

  test('is noted as used, once a minute at most', async () => {
    const owner = await ownerWithTimer()
    const { secret } = await makeLink(owner)
    const used = async () => (await listOf(owner))[0]?.last_used_at
    await harness.call('GET', `/s/${secret}`)
    const first = await used()
    expect(first).toEqual(expect.any(String))
    await Promise.all(Array.from({ length: 5 }, () => harness.call('GET', `/s/${secret}/badge.svg`)))
    expect(await used()).toBe(first)
    await harness.owner`update secret_links set last_used_at = now() - interval '61 seconds'`
    await harness.call('GET', `/s/${secret}`)
    expect(Date.parse((await used()) ?? '')).toBeGreaterThan(Date.now() - 30_000)
  })

  test('that is revoked, or belongs to a timer that is archived or gone, or to somebody who is, opens nothing any more', async () => {
    const ends: [
      string,
      (owner: { user: { id: string }; token: string; timerId: string; linkId: string }) => Promise<unknown>,
    ][] = [
      ['revoked', ({ token, timerId, linkId }) => harness.call('DELETE', `/timers/${timerId}/links/${linkId}`, { token })],
      ['expired', ({ linkId }) => harness.owner`update secret_links set expires_at = now() where id = ${linkId}`],
      ['archived', ({ timerId }) => harness.owner`update timers set archived_at = now() where id = ${timerId}`],
      ['timer deleted', ({ timerId }) => harness.owner`delete from timers where id = ${timerId}`],
      ['deactivated', ({ user }) => harness.owner`update users set active = false where id = ${user.id}`],
      ['deleted', ({ user }) => harness.owner`delete from users where id = ${user.id}`],
    ]
    for (const [what, end] of ends) {
      const owner = await ownerWithTimer('history')
      const { secret, id } = await makeLink(owner)
      expect((await harness.call('GET', `/s/${secret}`)).status, what).toBe(200)
      await end({ ...owner, linkId: id })
      expect((await harness.call('GET', `/s/${secret}`)).status, what).toBe(404)
    }
  })
})

describe('DELETE /timers/{id}/links/{link_id}', () => {
  test('is for the owner and that timer alone', async () => {
    const [owner, other] = [await ownerWithTimer(), await ownerWithTimer()]
    const { id, secret } = await makeLink(owner)
    for (const [token, timerId, linkId] of [
      [other.token, owner.timerId, id],
      [other.token, other.timerId, id],
      [owner.token, other.timerId, id],
      [owner.token, owner.timerId, 'no-id'],
      [owner.token, owner.timerId, '0198a9a0-0000-7000-8000-000000000000'],
    ] as const)
      expectProblem(await harness.call('DELETE', `/timers/${timerId}/links/${linkId}`, { token }), 404, 'LINK_NOT_FOUND')
    expect((await harness.call('GET', `/s/${secret}`)).status).toBe(200)
    expectProblem(await harness.call('GET', `/timers/${owner.timerId}/links`, { token: other.token }), 404, 'TIMER_NOT_FOUND')
  })
})

test('links are forgotten thirty days after they expired, and not before', async () => {
  const owner = await ownerWithTimer()
  const [old, young, endless] = [await makeLink(owner), await makeLink(owner), await makeLink(owner)]
  await harness.owner`update secret_links set expires_at = now() - interval '31 days' where id = ${old.id}`
  await harness.owner`update secret_links set expires_at = now() - interval '29 days' where id = ${young.id}`
  await sweepLinks(harness.sql)
  expect((await listOf(owner)).map(({ id }) => id)).toEqual([endless.id, young.id])
})
