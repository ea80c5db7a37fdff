import type { Profile } from '@kennwilliamson/contracts/accounts'
import type { SessionAnswer, SlugPreview, User } from '@kennwilliamson/contracts/auth'
import { describe, expect, test } from 'vitest'
import { RESERVED_SLUGS } from '../accounts/reserved-slugs.ts'
import { sweep } from '../sweeps/sweep.ts'
import { expectProblem, useHarness } from '../../testing/harness.ts'

const harness = useHarness()

const change = (token: string, body: unknown) => harness.call('PUT', '/account/profile', { token, body })
const profileOf = async (token: string) => (await harness.call('GET', '/account/profile', { token })).body as Profile
const moveTo = (token: string, slug: string) => change(token, { slug })
/** Lets the former addresses of everybody run out. */
const expire = () => harness.owner`update former_slugs set expires_at = now() - interval '1 second'`

describe('GET /account/profile', () => {
  test('is what one may change, with the addresses that still lead here, the newest first', async () => {
    const { user, token } = await harness.register({ time_zone: 'Asia/Tokyo' })
    expect(await profileOf(token)).toEqual({ ...user, time_zone: 'Asia/Tokyo', former_slugs: [] })
    await moveTo(token, 'first-move')
    await moveTo(token, 'second-move')
    const { slug, former_slugs } = await profileOf(token)
    expect([slug, former_slugs.map((former) => former.slug)]).toEqual(['second-move', ['first-move', user.slug]])
    for (const { expires_at } of former_slugs) {
      const days = (Date.parse(expires_at) - Date.now()) / 86_400_000
      expect(days).toBeGreaterThan(89.9)
      expect(days).toBeLessThan(90.1)
    }
  })
})

describe('PUT /account/profile', () => {
  test('changes what is given and keeps the rest; another name is not another address', async () => {
    const { user, token } = await harness.register({ time_zone: 'Asia/Tokyo' })
    const named = await change(token, { display_name: '  Grace Hopper ' })
    expect([named.status, named.body]).toEqual([200, { ...user, display_name: 'Grace Hopper' }])
    await change(token, { time_zone: 'europe/london' })
    expect(await profileOf(token)).toMatchObject({
      slug: user.slug,
      display_name: 'Grace Hopper',
      time_zone: 'Europe/London',
      former_slugs: [],
    })
    expect((await harness.call('PUT', '/account/profile', { token })).status).toBe(200)
  })

  test('an address is made by the same rule as of a name', async () => {
    const { token } = await harness.register()
    expect(((await moveTo(token, '  Émile  ÜNAL!')).body as User).slug).toBe('émile-ünal')
  })

  test.each([
    ['an empty address', { slug: '  ' }, 'INVALID_INPUT', 'slug'],
    ['an address of nothing that counts', { slug: '!!' }, 'SLUG_IMPOSSIBLE', 'slug'],
    ['Z10: a reserved address', { slug: 'Admin' }, 'SLUG_RESERVED', 'slug'],
    ['Z10: a reserved address in other writing', { slug: ' _NUXT ' }, null, ''],
    ['I07: a NUL in the address', { slug: 'a\0b' }, 'INVALID_INPUT', 'slug'],
    ['an address of 61 characters', { slug: 'x'.repeat(61) }, 'INVALID_INPUT', 'slug'],
    ['an empty name', { display_name: ' ' }, 'INVALID_INPUT', 'display_name'],
    ['A09: a name that is a number', { display_name: 5 }, 'INVALID_INPUT', 'display_name'],
    ['a zone that does not exist', { time_zone: 'Mars/Olympus' }, 'INVALID_INPUT', 'time_zone'],
  ] as const)('%s is refused beside its field, and nothing is changed', async (_what, body, code, path) => {
    const { user, token } = await harness.register()
    const answer = await change(token, { display_name: 'Changed too', ...body })
    if (code === null) {
      // `_` is left out of an address, and what remains is nobody's: it is given.
      expect((answer.body as User).slug).toBe('nuxt')
      return
    }
    expectProblem(answer, 400, code)
    expect((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path)).toEqual([path])
    expect(await profileOf(token)).toMatchObject({ slug: user.slug, display_name: user.display_name })
  })

  test('Z10: every reserved name is refused', async () => {
    const { token } = await harness.register()
    for (const name of ['api', 'backend', 'health', 'incident-timers', 'robots', 'well-known', 'reset']) {
      expect(RESERVED_SLUGS.has(name)).toBe(true)
      expectProblem(await moveTo(token, name), 400, 'SLUG_RESERVED')
    }
  })

  test('Z04: nothing else about an account can be written', async () => {
    const { user, token } = await harness.register()
    const before = await harness.owner`select * from users where id = ${user.id}`
    const body = {
      id: '0198a9a0-0000-7000-8000-000000000000',
      email: 'other@example.org',
      roles: ['admin'],
      active: false,
      password_hash: 'x',
      created_at: '2000-01-01T00:00:00Z',
      former_slugs: [{ slug: 'mine', expires_at: '2999-01-01T00:00:00Z' }],
      constructor: { prototype: { admin: true } },
    }
    expect((await change(token, body)).status).toBe(200)
    const polluted = '{"__proto__": {"slug": "polluted"}, "roles": ["admin"]}'
    const headers = { 'content-type': 'application/json' }
    expect((await harness.call('PUT', '/account/profile', { token, body: polluted, headers })).status).toBe(200)
    expect(await harness.owner`select * from users where id = ${user.id}`).toEqual(before)
    expect(
      await harness.owner`select r.name from user_roles ur join roles r on r.id = ur.role_id where user_id = ${user.id}`,
    ).toEqual([{ name: 'user' }])
    expect(await harness.owner`select from former_slugs where user_id = ${user.id}`).toHaveLength(0)
  })

  test('what changes nothing is no change: no new time, no event, nothing for a visitor to see', async () => {
    const { user, token } = await harness.register()
    const state = () => harness.owner`
      select u.updated_at, t.revision, (select count(*)::int from audit_events where subject_id = u.id and action = 'address_changed') as events
      from users u join timers t on t.user_id = u.id where u.id = ${user.id}
    `
    const before = await state()
    await change(token, { slug: ` ${user.slug.toUpperCase()} `, display_name: user.display_name, time_zone: 'utc' })
    await change(token, {})
    expect(await state()).toEqual(before)
    await moveTo(token, 'seen-by-visitors')
    expect(await state()).toMatchObject([{ revision: String(Number(before[0]?.['revision']) + 1), events: 1 }])
  })

  test('Z10: nobody else can have a former address, by moving or by signing up, until 90 days are over', async () => {
    const { user, token } = await harness.register({ display_name: 'Once Here' })
    const other = await harness.register()
    await moveTo(token, 'gone-elsewhere')
    for (const slug of ['Once Here', 'gone-elsewhere']) {
      const refused = await moveTo(other.token, slug)
      expectProblem(refused, 409, 'SLUG_TAKEN')
      expect((refused.body as { errors: unknown[] }).errors).toEqual([
        { path: 'slug', message: 'Somebody else has this address' },
      ])
    }
    const preview = await harness.call('POST', '/auth/preview-slug', { body: { display_name: 'once here' } })
    expect(preview.body as SlugPreview).toEqual({ slug: user.slug, available: false, final_slug: 'once-here-2' })
    expect((await harness.register({ display_name: 'Once Here' })).user.slug).toBe('once-here-2')

    // The check is not blind: what holds the address is the row, and time ends it.
    await expire()
    expect((await moveTo(other.token, 'once here')).status).toBe(200)
    expect((await profileOf(token)).former_slugs).toEqual([])
    await sweep(harness.sql, 1800)
    expect(await harness.owner`select from former_slugs where slug = 'once-here'`).toHaveLength(0)
  })

  test('Z10: the database refuses a former address to whoever comes by another way', async () => {
    const { user, token } = await harness.register()
    const other = await harness.register()
    await moveTo(token, 'moved-away')
    await expect(harness.owner`update users set slug = ${user.slug} where id = ${other.user.id}`).rejects.toMatchObject({
      code: '23505',
      constraint_name: 'users_slug_key',
    })
  })

  test('one’s own former address can be had back, and back and forth again', async () => {
    const { user, token } = await harness.register()
    for (let round = 0; round < 8; round++) {
      expect((await moveTo(token, 'to-and-fro')).status).toBe(200)
      expect((await profileOf(token)).former_slugs.map((former) => former.slug)).toEqual([user.slug])
      expect(((await moveTo(token, user.slug)).body as User).slug).toBe(user.slug)
      expect((await profileOf(token)).former_slugs.map((former) => former.slug)).toEqual(['to-and-fro'])
    }
  })

  test('one who has an expired former address of somebody else can give it up in turn', async () => {
    const { user, token } = await harness.register()
    const other = await harness.register()
    await moveTo(token, 'handed-on')
    await expire()
    expect((await moveTo(other.token, user.slug)).status).toBe(200)
    expect((await moveTo(other.token, 'and-further')).status).toBe(200)
    expect((await profileOf(other.token)).former_slugs.map((former) => former.slug)).toEqual([user.slug, other.user.slug])
    expect((await profileOf(token)).former_slugs).toEqual([])
    expectProblem(await moveTo(token, user.slug), 409, 'SLUG_TAKEN')
  })

  test('five former addresses and no more are kept from others', async () => {
    const { user, token } = await harness.register()
    for (let n = 1; n <= 5; n++) expect((await moveTo(token, `hoard-${n}`)).status).toBe(200)
    expectProblem(await moveTo(token, 'hoard-6'), 409, 'TOO_MANY_ADDRESSES')
    expect((await profileOf(token)).slug).toBe('hoard-5')
    expect((await moveTo(token, user.slug)).status).toBe(200)
    await expire()
    expect((await moveTo(token, 'hoard-6')).status).toBe(200)
  })

  test('of 20 who want one address at once, one has it', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, () => harness.register()))
    const answers = await Promise.all(people.map(({ token }) => moveTo(token, 'wanted-by-all')))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 409)])
  })

  test('Z10: whoever waits for an address that is just being given up does not get it', async () => {
    const { user, token } = await harness.register()
    const others = await Promise.all(Array.from({ length: 8 }, () => harness.register()))
    for (let round = 0; round < 5; round++) {
      const [moved, ...takers] = await Promise.all([
        moveTo(token, `leaving-${round}`),
        ...others.map((other: SessionAnswer) => moveTo(other.token, user.slug)),
      ])
      expect(moved.status).toBe(200)
      expect(takers.map(({ status }) => status)).toEqual(takers.map(() => 409))
      await moveTo(token, user.slug)
    }
  })

  test('ten changes of one’s own at once leave one address and no lost one', async () => {
    const { user, token } = await harness.register()
    await Promise.all(Array.from({ length: 5 }, (_, n) => moveTo(token, `at-once-${n}`)))
    const { slug, former_slugs } = await profileOf(token)
    const all = [slug, ...former_slugs.map((former) => former.slug)]
    expect(new Set(all)).toEqual(new Set([user.slug, ...Array.from({ length: 5 }, (_, n) => `at-once-${n}`)]))
    expect(all).toHaveLength(6)
  })
})
