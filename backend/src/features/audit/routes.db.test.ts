import { setTimeout as delay } from 'node:timers/promises'
import type { SecurityEventList } from '@kennwilliamson/contracts/accounts'
import { SECURITY_ACTIONS, type SecurityAction } from '@kennwilliamson/contracts/audit-actions'
import { describe, expect, test } from 'vitest'
import { expectProblem, useHarness } from '../../testing/harness.ts'
import { insertAuditEvent } from './queries.ts'

const harness = useHarness()

const events = async (token: string, query = '') =>
  (await harness.call('GET', `/account/events${query}`, { token })).body as SecurityEventList

/** An account without a history, and a way to give it one. */
async function account() {
  const { user, token } = await harness.register()
  await harness.owner`delete from audit_events where subject_id = ${user.id}`
  const happen = async (action: SecurityAction, actorId: string | null = user.id) => {
    // The keys of what happens within one millisecond have no order.
    await delay(2)
    await insertAuditEvent(harness.sql, { action, actorId, subjectId: user.id })
  }
  return { user, token, happen }
}

describe('GET /account/events', () => {
  test('is newest first, and says who did it: also of an administrator whose account is gone', async () => {
    const { token, happen } = await account()
    const admin = await harness.register()
    const leaving = await harness.register()
    await happen('password_changed')
    await happen('reset_link_made', null)
    await happen('account_deactivated', admin.user.id)
    await happen('account_activated', leaving.user.id)
    await harness.owner`delete from users where id = ${leaving.user.id}`
    const { events: found, next_cursor } = await events(token)
    expect(found.map(({ action, by }) => [action, by])).toEqual([
      ['account_activated', 'administrator'],
      ['account_deactivated', 'administrator'],
      ['reset_link_made', 'operator'],
      ['password_changed', 'you'],
    ])
    expect(next_cursor).toBeNull()
    // What an administrator does to others is not in their own list.
    expect((await events(admin.token)).events.filter(({ action }) => action === 'account_deactivated')).toEqual([])
  })

  test('Z03: shows nobody else’s, whatever the query asks for', async () => {
    const { user, happen } = await account()
    const { token } = await account()
    await happen('password_changed')
    for (const query of [`?user_id=${user.id}`, `?subject_id=${user.id}`, `?actor_id=${user.id}`, '?all=true'])
      expect(await events(token, query)).toEqual({ events: [], next_cursor: null })
  })

  test('is read by pages that stay the same while events are added', async () => {
    const { token, happen } = await account()
    for (const action of SECURITY_ACTIONS) await happen(action)
    const first = await events(token, '?limit=5')
    await happen('signed_in')
    const seen = [...first.events]
    for (let cursor = first.next_cursor; cursor !== null;) {
      const page = await events(token, `?limit=5&cursor=${cursor}`)
      seen.push(...page.events)
      cursor = page.next_cursor
    }
    expect(seen.map(({ action }) => action)).toEqual([...SECURITY_ACTIONS].reverse())
    expect((await events(token, `?limit=${SECURITY_ACTIONS.length + 1}`)).next_cursor).toBeNull()
  })

  test('leaves out what another release wrote, without losing its place', async () => {
    const { user, token, happen } = await account()
    await happen('password_changed')
    for (let n = 0; n < 3; n++)
      await harness.owner`insert into audit_events (action, actor_id, subject_id) values ('passkey_added', ${user.id}, ${user.id})`
    await happen('signed_in')
    const first = await events(token, '?limit=1')
    expect(first.events.map(({ action }) => action)).toEqual(['signed_in'])
    const second = await events(token, `?limit=1&cursor=${first.next_cursor}`)
    expect([second.events.map(({ action }) => action), second.next_cursor]).toEqual([['password_changed'], null])
  })

  test.each([
    '?limit=0',
    '?limit=101',
    '?limit=-1',
    '?limit=1e2',
    '?limit=0x10',
    '?limit=NaN',
    '?limit=',
    '?limit=1&limit=2',
    '?cursor=',
    '?cursor=!',
    '?cursor=bm90IGEgY3Vyc29y',
    `?cursor=${Buffer.from('["\' or 1=1 --"]').toString('base64url')}`,
    `?cursor=${Buffer.from('{"id":1}').toString('base64url')}`,
    `?cursor=${'a'.repeat(201)}`,
  ])('I08: %s is 400', async (query) => {
    const { token } = await account()
    expectProblem(await harness.call('GET', `/account/events${query}`, { token }), 400, 'INVALID_INPUT')
  })
})
