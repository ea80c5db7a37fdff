import type { AdminStats, AuditList } from '@kennwilliamson/contracts/admin'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectProblem, PASSWORD, randomAddress, useHarness } from '../../testing/harness.ts'

const harness = useHarness()
let admin: { id: string; token: string }

beforeAll(async () => {
  const { user, token } = await harness.registerAdmin()
  admin = { id: user.id, token }
})

const set = (registration: unknown, on = harness, token = admin.token) =>
  on.call('PUT', '/admin/registration', { token, body: { registration } })
const isOpen = async (on = harness) => (await on.call('GET', '/auth/registration')).body as { open: boolean }
const signUp = (on = harness) =>
  on.call('POST', '/auth/register', {
    body: { email: `${Math.random()}@example.org`, password: PASSWORD, display_name: 'Somebody new' },
    ip: randomAddress(),
  })
const stats = async () => (await harness.call('GET', '/admin/stats', { token: admin.token })).body as AdminStats

describe('PUT /admin/registration', () => {
  test('closes and opens for the next one who comes, is kept, and written down once', async () => {
    expect(await isOpen()).toEqual({ open: true })
    for (let n = 0; n < 2; n++) expect(await set('closed')).toMatchObject({ status: 200, body: { registration: 'closed' } })
    expect(await isOpen()).toEqual({ open: false })
    expectProblem(await signUp(), 403, 'REGISTRATION_CLOSED')
    expect(await stats()).toMatchObject({ registration: 'closed', registration_fixed: false })
    expect(await harness.owner`select registration_open from site_settings`).toEqual([{ registration_open: false }])
    expect((await set('open')).status).toBe(200)
    expect((await signUp()).status).toBe(201)
    expect(await stats()).toMatchObject({ registration: 'open' })
    const { events } = (await harness.call('GET', `/admin/audit?user=${admin.id}&limit=2`, { token: admin.token }))
      .body as AuditList
    expect(events).toMatchObject([
      { action: 'registration_opened', actor_id: admin.id, subject_id: null },
      { action: 'registration_closed', actor_id: admin.id, subject_id: null },
    ])
  })

  test('ten who close it at once close it, and it is written down once', async () => {
    await set('open')
    const before = await harness.owner`select from audit_events where action = 'registration_closed'`
    const answers = await Promise.all(Array.from({ length: 10 }, () => set('closed')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await harness.owner`select from audit_events where action = 'registration_closed'`).toHaveLength(before.length + 1)
    await set('open')
  })

  test('refuses what is neither, and whoever is no administrator', async () => {
    for (const wrong of ['ajar', true, null, undefined]) expectProblem(await set(wrong), 400, 'INVALID_INPUT')
    const { token } = await harness.register()
    expectProblem(await set('closed', harness, token), 403, 'FORBIDDEN')
    expect(await isOpen()).toEqual({ open: true })
  })
})

describe('with REGISTRATION=closed', () => {
  const closed = useHarness({ config: { registrationOpen: false } })

  test('no administrator can open it', async () => {
    // Made beside the API: nobody can sign up here.
    expectProblem(await signUp(closed), 403, 'REGISTRATION_CLOSED')
    await closed.owner`insert into site_settings (registration_open) values (true)`
    expect(await isOpen(closed)).toEqual({ open: false })
    expectProblem(await signUp(closed), 403, 'REGISTRATION_CLOSED')
    const { changeRegistration } = await import('./registration.ts')
    const parts = { sql: closed.sql, config: closed.parts.config }
    await expect(changeRegistration(parts, { adminId: admin.id, open: true })).rejects.toMatchObject({
      code: 'REGISTRATION_FIXED',
    })
  })
})
