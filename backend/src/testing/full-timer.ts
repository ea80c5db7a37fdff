import type { NewSecretLink } from '@kennwilliamson/contracts/links'
import type { TimerList } from '@kennwilliamson/contracts/timers'
import type { CallResult, Harness } from './harness.ts'

/** The incidents of a full timer, the newest first, with values that can be recognised. */
export const NEWEST = {
  occurred_at: '2026-05-05T05:05:05.050505Z',
  notes: 'canary-of-the-newest-note',
  corrected_at: '2026-06-06T06:06:06.060606Z',
}
export const OLDER = {
  occurred_at: '2024-04-04T04:04:04.040404Z',
  notes: 'canary-of-an-older-note',
  corrected_at: '2024-08-08T08:08:08.080808Z',
}
export const OLDEST = { occurred_at: '2021-01-01T01:01:01.010101Z', notes: 'canary-of-the-oldest-note', corrected_at: null }
const UNDONE = { occurred_at: '2022-02-02T02:02:02.020202Z', notes: 'canary-of-an-undone-note' }
const STARTED_AT = '2020-12-12T12:12:12.121212Z'

/** Somebody whose default timer is full of values that can be recognised. */
export interface FullTimer {
  token: string
  user: { id: string; email: string; slug: string; display_name: string }
  timerId: string
  /** Values that nobody but the owner ever sees. */
  secrets: string[]
}

/** A new user with such a timer at this level. */
export async function fullTimer(harness: Harness, level: string): Promise<FullTimer> {
  const { token, user } = await harness.register({
    share_level: level,
    time_zone: 'Asia/Tokyo',
    display_name: `Canary Owner ${Math.random()}`,
  })
  const { timers } = (await harness.call('GET', '/timers', { token })).body as TimerList
  const timerId = timers[0]?.id ?? ''
  await harness.owner`update timers set started_at = ${STARTED_AT}::text::timestamptz, title = 'canary title' where id = ${timerId}`
  for (const { occurred_at, notes, corrected_at } of [OLDEST, OLDER, NEWEST])
    await harness.owner`insert into incidents (timer_id, occurred_at, notes, corrected_at) values (${timerId}, ${occurred_at}::text::timestamptz, ${notes}, ${corrected_at}::text::timestamptz)`
  await harness.owner`insert into incidents (timer_id, occurred_at, notes, undone_at) values (${timerId}, ${UNDONE.occurred_at}::text::timestamptz, ${UNDONE.notes}, now())`
  const rows = await harness.owner<{ id: string }[]>`select id from incidents where timer_id = ${timerId}`
  const secrets = [user.id, user.email, timerId, UNDONE.notes, UNDONE.occurred_at, STARTED_AT, ...rows.map(({ id }) => id)]
  return { token, user, timerId, secrets }
}

/** The same, with a link to it and where that is; `own` is the level of the timer itself. */
export async function linkedTimer(harness: Harness, own: string, level: string): Promise<FullTimer & { path: string }> {
  const owner = await fullTimer(harness, own)
  const answer = await harness.call('POST', `/timers/${owner.timerId}/links`, {
    token: owner.token,
    body: { share_level: level },
  })
  return { ...owner, path: new URL((answer.body as NewSecretLink).url).pathname }
}

/** What must look alike: everything but the id of the request. */
export function outside({ status, headers, text }: CallResult) {
  const { 'x-request-id': _id, date: _date, ...rest } = headers
  return { status, headers: rest, text }
}
