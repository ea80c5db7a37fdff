import { ListedTimers, SharedView } from '@kennwilliamson/contracts/sharing'
import { beforeAll, describe, expect, test } from 'vitest'
import { explain, rowsOf, wholeTables } from '../../testing/explain.ts'
import { fullTimer, linkedTimer, type FullTimer } from '../../testing/full-timer.ts'
import { expectProblem, useHarness } from '../../testing/harness.ts'
import { listListedTimers } from './queries.ts'

const harness = useHarness()

async function readList(): Promise<ListedTimers['timers']> {
  const all: ListedTimers['timers'] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const answer = await harness.call('GET', `/shared${cursor === '' ? '' : `?cursor=${cursor}`}`)
    expect(answer.status).toBe(200)
    const page = ListedTimers.strict().parse(answer.body)
    all.push(...page.timers)
    cursor = page.next_cursor
  }
  return all
}
const isInList = async ({ user }: FullTimer) => (await readList()).some(({ user_slug }) => user_slug === user.slug)
const setListed = (owner: FullTimer, is_listed: boolean) =>
  harness.call('PATCH', `/timers/${owner.timerId}`, { token: owner.token, body: { is_listed } })

describe('a timer is listed', () => {
  test('when its owner wants it, and not for being public', async () => {
    const owner = await fullTimer(harness, 'count')
    expect(await isInList(owner)).toBe(false)
    const answer = await setListed(owner, true)
    expect([answer.status, (answer.body as { is_listed: boolean }).is_listed]).toEqual([200, true])
    const [entry, ...others] = (await readList()).filter(({ user_slug }) => user_slug === owner.user.slug)
    expect(others).toEqual([])
    // What any visitor sees of it, at the lowest level, and nothing more.
    expect(entry).toEqual({ user_slug: owner.user.slug, timer_slug: 'incident-timer', since: '2026-05-05T05:05:05.050505Z' })
    await setListed(owner, false)
    expect(await isInList(owner)).toBe(false)
  })

  test('P05: only as long as anybody may see it', async () => {
    const owner = await fullTimer(harness, 'history')
    await setListed(owner, true)
    const { timerId, user } = owner
    const closings: [string, () => PromiseLike<unknown>, () => PromiseLike<unknown>][] = [
      [
        'private',
        () => harness.owner`update timers set share_level = 'private' where id = ${timerId}`,
        () => harness.owner`update timers set share_level = 'count' where id = ${timerId}`,
      ],
      [
        'archived',
        () => harness.owner`update timers set archived_at = now() where id = ${timerId}`,
        () => harness.owner`update timers set archived_at = null where id = ${timerId}`,
      ],
      [
        'deactivated',
        () => harness.owner`update users set active = false where id = ${user.id}`,
        () => harness.owner`update users set active = true where id = ${user.id}`,
      ],
    ]
    for (const [what, close, reopen] of closings) {
      await close()
      expect(await isInList(owner), what).toBe(false)
      await reopen()
      expect(await isInList(owner), what).toBe(true)
    }
  })

  test('by its own address alone: a link says nothing of it', async () => {
    const owner = await linkedTimer(harness, 'count', 'history')
    const view = async (path: string) => SharedView.parse((await harness.call('GET', path)).body)
    const before = await view(`/shared/${owner.user.slug}/incident-timer`)
    await setListed(owner, true)
    expect(await view(`/shared/${owner.user.slug}/incident-timer`)).toMatchObject({
      is_listed: true,
      revision: before.revision + 1,
    })
    expect((await view(owner.path)).is_listed).toBe(false)
  })
})

describe('of 20,000 timers, 2,500 of them listed', () => {
  const USERS = 2_500
  beforeAll(async () => {
    await harness.owner`
      with made as (
        insert into users (email, password_hash, display_name, slug)
        select md5(n::text) || '@example.org', 'none', 'Somebody', 'listed-' || n from generate_series(1, ${USERS}::int) n
        returning id
      )
      insert into timers (user_id, slug, title, share_level, is_listed)
      select made.id, 'timer-' || n, 'A timer', 'count', n = 1 from made, generate_series(1, 8) n
    `
    await harness.owner`insert into incidents (timer_id, occurred_at) select id, now() - interval '1 day' from timers where slug like 'timer-%'`
    await harness.owner`vacuum analyze users, timers, incidents`
  }, 120_000)

  test('each is read once, by pages', async () => {
    const read = (await readList()).map(({ user_slug }) => user_slug).filter((slug) => slug.startsWith('listed-'))
    expect(read).toHaveLength(USERS)
    expect(new Set(read).size).toBe(USERS)
  })

  test('P05: in an order that tells nothing of when they were made', async () => {
    const numbers = (await readList())
      .filter(({ user_slug }) => user_slug.startsWith('listed-'))
      .map(({ user_slug }) => Number(user_slug.slice('listed-'.length)))
    // Of neighbours in any order that has to do with their making, nearly all would go the same way; of neighbours by chance half do.
    const rising = numbers.filter((number, place) => number > (numbers[place - 1] ?? Infinity)).length
    expect(rising / USERS).toBeGreaterThan(0.4)
    expect(rising / USERS).toBeLessThan(0.6)
  })

  test('a page reads a page, by index', async () => {
    const plan = await explain(harness.owner, (sql) => listListedTimers(sql, 'c', 100))
    expect(plan.map(({ index }) => index)).toContain('timers_listed_idx')
    expect(wholeTables(plan)).toEqual([])
    expect(rowsOf(plan)).toBeLessThan(400)
  })

  test('the control: without the index the whole table would be read', async () => {
    await harness.owner`drop index timers_listed_idx`
    expect(wholeTables(await explain(harness.owner, (sql) => listListedTimers(sql, 'c', 100)))).not.toEqual([])
  })

  test.each(['x', '!', 'bm90IGEga2V5', 'WyJ4Il0'])('a cursor that no list gave (%s) is refused', async (cursor) => {
    expectProblem(await harness.call('GET', `/shared?cursor=${cursor}`), 400, 'INVALID_INPUT')
  })
})
