import type { SessionAnswer, SlugPreview } from '@kennwilliamson/contracts/auth'
import { describe, expect, test } from 'vitest'
import { expectProblem, PASSWORD, randomAddress, useHarness } from '../../testing/harness.ts'

const harness = useHarness()

async function register(body: unknown, ip = randomAddress()) {
  return await harness.call('POST', '/auth/register', { body, ip })
}

const person = (overrides: object = {}) => ({ email: 'ada@example.org', password: PASSWORD, display_name: 'Ada', ...overrides })

describe('POST /auth/register', () => {
  test('201 with a session; the account has one default timer at the chosen share level', async () => {
    const answer = await register(
      person({ email: 'first@example.org', share_level: 'private', time_zone: 'Europe/London', admin: true, roles: ['admin'] }),
    )
    expect(answer.status).toBe(201)
    const { user, token, refresh_token } = answer.body as SessionAnswer
    expect(user.roles).toEqual(['user'])
    expect(refresh_token).toMatch(/^[0-9a-f]{64}$/)
    expect(token.split('.')).toHaveLength(3)
    const timers = await harness.owner`
      select t.slug, t.is_default, t.share_level, u.time_zone from timers t join users u on u.id = t.user_id where u.id = ${user.id}
    `
    expect(timers).toEqual([{ slug: 'incident-timer', is_default: true, share_level: 'private', time_zone: 'Europe/London' }])
  })

  test('A20: the password is kept as argon2id with a salt of its own', async () => {
    const ids = await Promise.all(
      ['a', 'b'].map(async (n) => (await register(person({ email: `hash-${n}@example.org` }))).body as SessionAnswer),
    )
    const rows =
      await harness.owner`select password_hash from users where id in ${harness.owner(ids.map((answer) => answer.user.id))}`
    const hashes = rows.map((row) => row.password_hash as string)
    for (const hash of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(new Set(hashes).size).toBe(2)
  })

  test('A11: 20 parallel registrations of one address make one account', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        register(person({ email: n % 2 ? 'twenty@example.org' : 'TWENTY@example.org', display_name: `Twin ${n}` })),
      ),
    )
    const statuses = answers.map((answer) => answer.status).sort()
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)])
    const refused = answers.find((answer) => answer.status === 409)
    if (!refused) throw new Error('none was refused')
    expectProblem(refused, 409, 'EMAIL_TAKEN')
    expect(refused.body as { error: string }).toMatchObject({ error: 'Email already exists' })
  })

  test('20 people of one name get 20 addresses', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => register(person({ email: `same-${n}@example.org`, display_name: 'Same Name' }))),
    )
    const slugs = answers.map((answer) => (answer.body as SessionAnswer).user.slug)
    expect(new Set(slugs).size).toBe(20)
    expect(slugs).toContain('same-name')
    expect(slugs.every((slug) => /^same-name(-\d+)?$/.test(slug))).toBe(true)
  })

  test.each([
    ['no body', undefined, 'INVALID_INPUT'],
    ['an array', [], 'INVALID_INPUT'],
    ['no address', person({ email: undefined }), 'INVALID_INPUT'],
    ['an address without a domain', person({ email: 'ada' }), 'INVALID_INPUT'],
    ['A10: a look-alike address', person({ email: 'аda@example.org' }), 'INVALID_INPUT'],
    ['A10: an address with a dot at its end', person({ email: 'ada@example.org.' }), 'INVALID_INPUT'],
    ['an address of 255 characters', person({ email: `${'a'.repeat(243)}@example.org` }), 'INVALID_INPUT'],
    ['A05: a password of 7 characters', person({ password: 'seven77' }), 'INVALID_INPUT'],
    ['a password of 257 characters', person({ password: 'x'.repeat(257) }), 'INVALID_INPUT'],
    ['A09: a password that is a number', person({ password: 1234567890 }), 'INVALID_INPUT'],
    ['A05: a common password', person({ password: 'Password1' }), 'PASSWORD_TOO_WEAK'],
    [
      'A05: the name in the address as password',
      person({ email: 'lovelace@example.org', password: 'xx-LoveLace-xx' }),
      'PASSWORD_TOO_WEAK',
    ],
    ['A05: the site’s name as password', person({ password: 'my Kenn-Williamson 1' }), 'PASSWORD_TOO_WEAK'],
    ['an empty name', person({ display_name: '   ' }), 'INVALID_INPUT'],
    ['a name of 51 characters', person({ display_name: 'x'.repeat(51) }), 'INVALID_INPUT'],
    ['I07: a NUL in the name', person({ display_name: 'a\0b' }), 'INVALID_INPUT'],
    ['a name that turns the direction of the text around it', person({ display_name: 'Eve \u202egro.live' }), 'INVALID_INPUT'],
    ['A05: a common password in wide letters', person({ password: 'ｐａｓｓｗｏｒｄ１' }), 'PASSWORD_TOO_WEAK'],
    ['I07: half a surrogate pair in the name', person({ display_name: '\ud800a' }), 'INVALID_INPUT'],
    ['a name of which no address can be made', person({ display_name: '🙂 !!' }), 'SLUG_IMPOSSIBLE'],
    ['a reserved name', person({ display_name: 'Admin' }), 'SLUG_RESERVED'],
    ['a share level that does not exist', person({ share_level: 'everyone' }), 'INVALID_INPUT'],
    ['a time zone that does not exist', person({ time_zone: 'Mars/Olympus' }), 'INVALID_INPUT'],
    ['an offset as a time zone', person({ time_zone: '+02:00' }), 'INVALID_INPUT'],
  ] as const)('%s is 400', async (_what, body, code) => {
    const answer = await register(body)
    expectProblem(answer, 400, code)
  })

  test('A06: long passwords, spaces and emoji are welcome', async () => {
    for (const [n, password] of ['x y z '.repeat(10), '🙂'.repeat(256), '        .', 'with\u0001control\0s'].entries()) {
      expect((await register(person({ email: `welcome-${n}@example.org`, password, display_name: `Welcome ${n}` }))).status).toBe(
        201,
      )
    }
  })

  test('a time zone is kept by the one name that the database knows too', async () => {
    for (const [n, [asked, kept]] of [
      ['utc', 'UTC'],
      ['europe/LONDON', 'Europe/London'],
      ['IST', 'Asia/Calcutta'],
      ['US/Pacific', 'America/Los_Angeles'],
    ].entries()) {
      const { user } = (await register(person({ email: `zone-${n}@example.org`, display_name: `Zone ${n}`, time_zone: asked })))
        .body as SessionAnswer
      const [row] =
        await harness.owner`select time_zone, time_zone in (select name from pg_timezone_names) as known from users where id = ${user.id}`
      expect(row).toEqual({ time_zone: kept, known: true })
    }
  })

  test('every zone of this runtime is one of the database', async () => {
    const names = new Set((await harness.owner`select name from pg_timezone_names`).map((row) => row.name as string))
    expect(Intl.supportedValuesOf('timeZone').filter((zone) => !names.has(zone))).toEqual([])
  })

  test('a failure names its field', async () => {
    const answer = await register(person({ email: 'nope', password: 'short' }))
    expect((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path).sort()).toEqual([
      'email',
      'password',
    ])
  })

  test('a network makes 60 accounts an hour, and a taken address counts against it', async () => {
    const ip = randomAddress()
    await harness.owner`
      insert into auth_throttle (scope, key, failures, window_ends_at) values ('registration', ${ip}, 59, now() + interval '10 minutes')
    `
    expect((await register(person({ email: 'sixty@example.org', display_name: 'Sixty' }), ip)).status).toBe(201)
    expectProblem(await register(person({ email: 'sixty-one@example.org', display_name: 'Sixty' }), ip), 429, 'TOO_MANY_REQUESTS')

    const probing = randomAddress()
    await register(person({ email: 'sixty@example.org', display_name: 'Sixty' }), probing)
    const counts = await harness.owner`select scope, failures from auth_throttle where key = ${probing} order by scope`
    expect(counts).toEqual([
      { scope: 'network', failures: 1 },
      { scope: 'registration', failures: 0 },
    ])
  })
})

describe('a site whose registration is closed', () => {
  const closed = useHarness({ config: { registrationOpen: false } })

  test('answers 403', async () => {
    expectProblem(await closed.call('POST', '/auth/register', { body: person() }), 403, 'REGISTRATION_CLOSED')
  })
})

describe('POST /auth/preview-slug', () => {
  const preview = (display_name: unknown) => harness.call('POST', '/auth/preview-slug', { body: { display_name } })

  test('says what the name would get now', async () => {
    expect((await preview('Émile Ünal')).body).toEqual({ slug: 'émile-ünal', available: true, final_slug: 'émile-ünal' })
    await register(person({ email: 'emile@example.org', display_name: 'Émile Ünal' }))
    const taken = (await preview('émile  ünal')).body as SlugPreview
    expect(taken).toEqual({ slug: 'émile-ünal', available: false, final_slug: 'émile-ünal-2' })
    const next = await register(person({ email: 'emile2@example.org', display_name: 'émile ünal' }))
    expect((next.body as SessionAnswer).user.slug).toBe(taken.final_slug)
  })

  test('refuses what no address can be made of, and what is reserved', async () => {
    expectProblem(await preview('!!!'), 400, 'SLUG_IMPOSSIBLE')
    expectProblem(await preview('Health'), 400, 'SLUG_RESERVED')
    expectProblem(await preview(''), 400, 'INVALID_INPUT')
    expectProblem(await preview(5), 400, 'INVALID_INPUT')
  })
})
