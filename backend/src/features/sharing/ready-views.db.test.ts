import { setTimeout as delay } from 'node:timers/promises'
import type { SharedView } from '@kennwilliamson/contracts/sharing'
import type { TimerList } from '@kennwilliamson/contracts/timers'
import { afterAll, describe, expect, test } from 'vitest'
import { useHarness } from '../../testing/harness.ts'
import { hearRevocations, type Hearing } from '../auth/hear-revocations.ts'
import { createRevokedSessions } from '../auth/revoked-sessions.ts'
import { listenToTimerChanges } from './queries.ts'
import { createReadyViews } from './ready-views.ts'

// As main.ts has it: what is kept is thrown away by what the database says, over the connection that hears of revocations.
const revoked = createRevokedSessions(60)
const readyViews = createReadyViews({ isHeard: revoked.isProved })
let hearing: Hearing | undefined
const harness = useHarness({ parts: () => ({ revoked, readyViews }) })
afterAll(async () => {
  await hearing?.stop()
})

async function hear(): Promise<void> {
  hearing ??= hearRevocations({
    url: harness.parts.config.databaseUrl,
    revoked,
    markSeconds: 60,
    also: [{ name: 'timer_changes', listen: listenToTimerChanges, heard: readyViews.changed, began: readyViews.missed }],
    onLoss: () => undefined,
    onReturn: () => undefined,
  })
  await hearing.loaded
}

async function publicTimer() {
  await hear()
  const { token, user } = await harness.register()
  const { body } = await harness.call('GET', '/timers', { token })
  const [timer] = (body as TimerList).timers
  if (!timer) throw new Error('no timer')
  await harness.call('PATCH', `/timers/${timer.id}`, { token, body: { share_level: 'history' } })
  // Until what the database says of that has come.
  await delay(100)
  const look = async () => {
    const { status, headers, body: view } = await harness.call('GET', `/shared/${user.slug}/${timer.slug}`)
    return { status, headers, body: view as SharedView }
  }
  /** Changes the title without a word to anybody. */
  const retitle = async (title: string) => {
    await harness.owner.begin(async (sql) => {
      await sql`set local session_replication_role = replica`
      await sql`update timers set title = ${title} where id = ${timer.id}`
    })
  }
  return { token, timer, look, retitle }
}

describe('a public view that is asked for again', () => {
  test('comes from memory for a second, with the time of its moment', async () => {
    const { look, retitle } = await publicTimer()
    const first = await look()
    await retitle('changed in silence')
    const again = await look()
    expect(again.body).toEqual({ ...first.body, server_time: again.body.server_time })
    expect(Date.parse(again.body.server_time)).toBeGreaterThanOrEqual(Date.parse(first.body.server_time) - 1)
    expect(again.headers).toMatchObject({
      'content-type': first.headers['content-type'],
      'cache-control': first.headers['cache-control'],
      'x-accel-expires': '1',
    })
    await expect.poll(async () => (await look()).body.title, { timeout: 5_000 }).toBe('changed in silence')
  })

  test('is anew as soon as the database says that it changed', async () => {
    const { token, timer, look, retitle } = await publicTimer()
    await look()
    await retitle('changed in silence')
    await harness.call('POST', `/timers/${timer.id}/incidents`, { token, body: { notes: 'the bread burnt' } })
    // Well within the second for which it would be kept.
    await expect.poll(async () => (await look()).body.note, { timeout: 800, interval: 10 }).toBe('the bread burnt')
    expect((await look()).body.title).toBe('changed in silence')
  })

  test('is gone as soon as nobody may see it', async () => {
    const { token, timer, look } = await publicTimer()
    expect((await look()).status).toBe(200)
    await harness.call('PATCH', `/timers/${timer.id}`, { token, body: { share_level: 'private' } })
    await expect.poll(async () => (await look()).status, { timeout: 800, interval: 10 }).toBe(404)
  })

  test('is read each time where changes may be missed', async () => {
    const { look, retitle } = await publicTimer()
    await look()
    revoked.doubt()
    await retitle('changed while nothing is heard')
    expect((await look()).body.title).toBe('changed while nothing is heard')
  })
})
