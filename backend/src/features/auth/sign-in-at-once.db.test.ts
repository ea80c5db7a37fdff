import type postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import { expectProblem, PASSWORD, useHarness } from '../../testing/harness.ts'
import { hashPassword } from './passwords.ts'

const harness = useHarness()

/** Whether somebody waits for a lock that another holds. */
async function someoneWaits(sql: postgres.TransactionSql): Promise<boolean> {
  const [row] = await sql`
    select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
  `
  return row?.['waiting'] === 1
}

/** Signs in with a password that is right, while something happens to the account that is not committed before the session begins. */
async function signInWhile(
  happens: (sql: postgres.TransactionSql, userId: string) => Promise<unknown>,
  ending: 'commit' | 'rollback',
) {
  const { user } = await harness.register()
  const signIn = () => harness.call('POST', '/auth/login', { body: { email: user.email, password: PASSWORD } })
  let answer: ReturnType<typeof signIn> | undefined
  await harness.owner
    .begin(async (sql) => {
      await happens(sql, user.id)
      answer = signIn()
      await expect.poll(() => someoneWaits(sql), { timeout: 8_000, interval: 20 }).toBe(true)
      if (ending === 'rollback') throw new Error('rolled back')
    })
    .catch((error: unknown) => {
      if (!(error instanceof Error) || error.message !== 'rolled back') throw error
    })
  const sessions = async () =>
    (await harness.owner`select from sessions where user_id = ${user.id} and revoked_at is null`).length
  return { answer: await answer!, sessions: await sessions() }
}

const changePassword = async (sql: postgres.TransactionSql, userId: string) =>
  await sql`update users set password_hash = ${await hashPassword('another day in the east')} where id = ${userId}`
const deactivate = (sql: postgres.TransactionSql, userId: string) => sql`update users set active = false where id = ${userId}`
const remove = (sql: postgres.TransactionSql, userId: string) => sql`delete from users where id = ${userId}`

describe('POST /auth/login at the very moment', () => {
  test('S10: in which the password is changed begins no session that outlives it', async () => {
    const { answer, sessions } = await signInWhile(changePassword, 'commit')
    expectProblem(answer, 401, 'INVALID_CREDENTIALS')
    // That of the sign-up.
    expect(sessions).toBe(1)
  })

  test('A19: in which the account is deactivated begins none', async () => {
    const { answer, sessions } = await signInWhile(deactivate, 'commit')
    expectProblem(answer, 403, 'ACCOUNT_DEACTIVATED')
    expect(sessions).toBe(1)
  })

  test('A19: in which the account is deleted begins none, and is the generic failure', async () => {
    const { answer, sessions } = await signInWhile(remove, 'commit')
    expectProblem(answer, 401, 'INVALID_CREDENTIALS')
    expect(sessions).toBe(0)
  })

  test('in which the hash of the same password is renewed begins one all the same', async () => {
    const renew = async (sql: postgres.TransactionSql, userId: string) =>
      await sql`update users set password_hash = ${await hashPassword(PASSWORD)} where id = ${userId}`
    const { answer, sessions } = await signInWhile(renew, 'commit')
    expect([answer.status, sessions]).toEqual([200, 2])
  })

  test('the check is not blind: where it comes to nothing, a session begins', async () => {
    for (const happens of [changePassword, deactivate, remove]) {
      const { answer, sessions } = await signInWhile(happens, 'rollback')
      expect([answer.status, sessions]).toEqual([200, 2])
    }
  })
})
