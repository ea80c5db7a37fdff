import { beforeAll, describe, expect, test } from 'vitest'
import { ageSessions, useHarness, JWT_SECRET } from '../../testing/harness.ts'
import { insertSession, markGenerationUsed } from './queries.ts'
import { createRefreshToken, parseRefreshToken, refreshKeyOf } from './refresh-tokens.ts'
import { GRACE, rotateRefreshToken, type Rotation } from './rotation.ts'

const harness = useHarness()
const keys: [Buffer] = [refreshKeyOf(JWT_SECRET)]
const lifetimes = { idleSeconds: 7 * 86_400, absoluteSeconds: 180 * 86_400 }
let userId: string

beforeAll(async () => {
  userId = (await harness.register()).user.id
})

async function newFamily() {
  const token = createRefreshToken()
  const device = { userAgent: null, ip: '127.0.0.1' }
  const started = await insertSession(harness.sql, { userId, proved: null }, token, device, lifetimes)
  return { token: token.text, sessionId: started!.session_id }
}

async function present(token: string, withKeys: [Buffer, ...Buffer[]] = keys): Promise<Rotation> {
  return await rotateRefreshToken(harness.sql, token, { keys: withKeys, idleSeconds: lifetimes.idleSeconds })
}

/** The successor in an answer that must be one. */
function tokenOf(rotation: Rotation): string {
  if (!('refreshToken' in rotation)) throw new Error(`expected a token, got ${rotation.outcome}`)
  return rotation.refreshToken
}

async function sessionRow(sessionId: string) {
  const [row] = await harness.owner`
    select generation, rotated_at::text, used_at::text, expires_at::text, revoked_at::text from sessions where id = ${sessionId}
  `
  return row
}

describe('rotateRefreshToken', () => {
  test('the previous token gets the same successor, and the replay moves no time', async () => {
    const { token, sessionId } = await newFamily()
    const first = await present(token)
    const before = await sessionRow(sessionId)
    const again = await present(token)
    expect([first.outcome, again.outcome]).toEqual(['rotated', 'repeated'])
    expect(tokenOf(again)).toBe(tokenOf(first))
    expect(await sessionRow(sessionId)).toEqual(before)
  })

  test('S03: 20 parallel presentations of one token rotate once and all get the same successor', async () => {
    for (let round = 0; round < 10; round++) {
      const { token, sessionId } = await newFamily()
      const answers = await Promise.all(Array.from({ length: 20 }, () => present(token)))
      expect(new Set(answers.map(tokenOf)).size).toBe(1)
      expect(answers.filter((answer) => answer.outcome === 'rotated')).toHaveLength(1)
      expect(await sessionRow(sessionId)).toMatchObject({ generation: 1, revoked_at: null })
    }
  })

  test('S04: a lost answer is given again while its successor was never used, up to 24 hours', async () => {
    const { token, sessionId } = await newFamily()
    const successor = tokenOf(await present(token))
    await ageSessions(harness.owner, GRACE.unusedSeconds - 5)
    expect(tokenOf(await present(token))).toBe(successor)
    await ageSessions(harness.owner, 10)
    expect(await present(token)).toEqual({ outcome: 'reused', sessionId })
  })

  test('S04: once the successor was seen in use, the previous token has 30 seconds', async () => {
    const { token, sessionId } = await newFamily()
    const successor = tokenOf(await present(token))
    await markGenerationUsed(harness.sql, sessionId, 1)
    await ageSessions(harness.owner, GRACE.afterUseSeconds - 2)
    expect(tokenOf(await present(token))).toBe(successor)
    await ageSessions(harness.owner, 4)
    expect(await present(token)).toEqual({ outcome: 'reused', sessionId })
  })

  test('S01: a grandparent is reuse at once: revoked, audited, and the newest token is dead too', async () => {
    const { token, sessionId } = await newFamily()
    const second = tokenOf(await present(token))
    const third = tokenOf(await present(second))
    expect(await present(token)).toEqual({ outcome: 'reused', sessionId })
    expect((await present(third)).outcome).toBe('refused')
    expect((await present(second)).outcome).toBe('refused')
    const events =
      await harness.owner`select action, actor_id from audit_events where target_id = ${sessionId} order by created_at`
    expect(events).toEqual([
      { action: 'signed_in', actor_id: userId },
      { action: 'refresh_token_reused', actor_id: userId },
    ])
    const [mark] = await harness.owner`select session_id from revoked_sessions where session_id = ${sessionId}`
    expect(mark?.session_id).toBe(sessionId)
  })

  test('S02: reuse in one family leaves the user’s other families alone', async () => {
    const [stolen, other] = [await newFamily(), await newFamily()]
    await present(tokenOf(await present(stolen.token)))
    expect((await present(stolen.token)).outcome).toBe('reused')
    expect((await present(other.token)).outcome).toBe('rotated')
  })

  test('an unknown family or a malformed token is refused and changes nothing', async () => {
    const { token, sessionId } = await newFamily()
    const before = await sessionRow(sessionId)
    const unknown = 'f'.repeat(32) + token.slice(32)
    for (const text of [unknown, token.toUpperCase(), token.slice(1), `${token}0`, '', 'x'.repeat(64)]) {
      expect(await present(text)).toEqual({ outcome: 'refused' })
    }
    expect(await sessionRow(sessionId)).toEqual(before)
  })

  test('S07: an expired session is refused, also one used every day until its absolute end', async () => {
    const idle = await newFamily()
    await harness.owner`update sessions set expires_at = now() - interval '1 second' where id = ${idle.sessionId}`
    expect(await present(idle.token)).toEqual({ outcome: 'refused' })

    const daily = await newFamily()
    let token = daily.token
    for (let day = 0; day < 180; day++) {
      token = tokenOf(await present(token))
      await ageSessions(harness.owner, 86_400 - 1)
    }
    token = tokenOf(await present(token))
    await ageSessions(harness.owner, 300)
    expect(await present(token)).toEqual({ outcome: 'refused' })
  })

  test('a deactivated user’s token is refused', async () => {
    const other = (await harness.register()).refresh_token
    const [row] = await harness.owner`
      update users set active = false where id = (
        select user_id from sessions where family_hash = ${parseRefreshToken(other)?.familyHash ?? null}
      ) returning id
    `
    expect(row).toBeDefined()
    expect(await present(other)).toEqual({ outcome: 'refused' })
  })

  test('after a change of secret a replay is answered only by an accepted key, and nobody is revoked', async () => {
    const { token, sessionId } = await newFamily()
    const successor = tokenOf(await present(token))
    const [newKey] = [refreshKeyOf('another secret of sufficient length')]
    expect(tokenOf(await present(token, [newKey, keys[0]]))).toBe(successor)
    expect(await present(token, [newKey])).toEqual({ outcome: 'refused' })
    expect((await sessionRow(sessionId))?.revoked_at).toBeNull()
    expect((await present(successor, [newKey])).outcome).toBe('rotated')
  })
})
