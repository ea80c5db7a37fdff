import type { APIRequestContext } from '@playwright/test'
import { shownSeconds } from '../harness/clock.ts'
import { someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

interface Owner {
  timerId: string
  ask: (method: string, path: string, data?: object) => Promise<{ status: number; body: Record<string, unknown> }>
}

/** What an owner does from another device, by the API. */
async function ownerOf(request: APIRequestContext): Promise<Owner> {
  const ask: Owner['ask'] = async (method, path, data) => {
    const { token } = (await (await request.get('/api/auth/jwt')).json()) as { token: string }
    const answer = await request.fetch(`/backend${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(data ? { data } : {}),
    })
    return { status: answer.status(), body: (await answer.json().catch(() => ({}))) as Record<string, unknown> }
  }
  const { timers } = (await ask('GET', '/timers')).body as { timers: { id: string }[] }
  return { timerId: timers[0]?.id ?? '', ask }
}

/** Long enough for a stream, short of any asking by the minute. */
const SOON = { timeout: 2_000 }
const HOSTILE = `</p><img src=x onerror="alert(1)"><svg onload=alert(1)> "quoted" 'note' \u202Eright to left`

test.describe('a shared page', () => {
  test('changes the moment its owner does something, and is gone the moment they close it', async ({
    context,
    anotherBrowser,
    problems,
  }) => {
    const person = await someoneSignedIn(context)
    const owner = await ownerOf(context.request)
    const visitor = await (await anotherBrowser()).newPage()
    const streaming = visitor.waitForResponse((answer) => answer.url().endsWith('/events'))
    await visitor.goto(person.path)
    await expect(visitor.getByText('counting since')).toBeVisible()
    await streaming

    await owner.ask('PATCH', `/timers/${owner.timerId}`, { title: 'Bread that burnt', share_level: 'history' })
    await expect(visitor.getByRole('heading', { name: 'Bread that burnt' })).toBeVisible(SOON)
    await expect(visitor.getByText('Nothing has happened yet.')).toBeVisible({ timeout: 4_000 })
    const hour = new Date(Date.now() - 3_600_000).toISOString()
    await owner.ask('POST', `/timers/${owner.timerId}/incidents`, { occurred_at: hour, notes: 'An hour ago' })
    await expect(visitor.getByRole('figure').getByText('An hour ago')).toBeVisible(SOON)
    expect(await shownSeconds(visitor)).toBeGreaterThan(3_500)

    const reset = await owner.ask('POST', `/timers/${owner.timerId}/incidents`, { notes: HOSTILE })
    expect(reset.status).toBe(201)
    await expect(visitor.getByRole('figure').getByText(HOSTILE)).toBeVisible(SOON)
    expect(await shownSeconds(visitor)).toBeLessThan(30)
    await expect(visitor.getByRole('listitem').getByText('An hour ago')).toBeVisible({ timeout: 4_000 })
    // Taken back, everywhere at once.
    const undone = await owner.ask('POST', `/timers/${owner.timerId}/incidents/${String(reset.body['id'])}/undo`)
    expect(undone.status).toBe(200)
    await expect(visitor.getByRole('figure').getByText('An hour ago')).toBeVisible(SOON)
    expect(await shownSeconds(visitor)).toBeGreaterThan(3_500)

    await owner.ask('PATCH', `/timers/${owner.timerId}`, { share_level: 'private' })
    await expect(visitor.getByRole('heading', { name: 'Nothing here' })).toBeVisible(SOON)
    // Nothing of it is left in the document.
    expect(await visitor.content()).not.toMatch(/An hour ago|Bread that burnt/)
    problems.expectStatus(404, /incident-timer/)
    expect((await visitor.reload())?.status()).toBe(404)
  })

  test('holds what its level allows and nothing else, in its HTML and in its data', async ({ context, page }) => {
    const person = await someoneSignedIn(context)
    const owner = await ownerOf(context.request)
    const incidents = `/timers/${owner.timerId}/incidents`
    await owner.ask('POST', incidents, { occurred_at: '2026-01-02T00:00:00Z', notes: 'canary of the first' })
    const newest = await owner.ask('POST', incidents, { occurred_at: '2026-02-03T00:00:00Z', notes: 'canary of the newest' })
    const secrets = [person.email, owner.timerId, String(newest.body['id'])]
    const marks = { figures: 'average_run_seconds', newest: 'canary of the newest', first: 'canary of the first' }
    for (const [level, shown] of [
      ['count', []],
      ['stats', ['figures']],
      ['notes', ['figures', 'newest']],
      ['history', ['figures', 'newest', 'first']],
    ] as const) {
      await owner.ask('PATCH', `/timers/${owner.timerId}`, { share_level: level })
      await expect
        .poll(async () => {
          const html = await (await page.request.get(person.path)).text()
          return Object.entries(marks).flatMap(([name, mark]) => (html.includes(mark) ? [name] : []))
        })
        .toEqual(shown)
      const html = await (await page.request.get(person.path)).text()
      for (const secret of secrets) expect(html).not.toContain(secret)
      expect(html).toContain(`${person.path}/card.png`)
    }
  })

  test('shows everything without JavaScript, and its pictures open', async ({ context, browser, baseURL }) => {
    const person = await someoneSignedIn(context)
    const owner = await ownerOf(context.request)
    await owner.ask('POST', `/timers/${owner.timerId}/incidents`, { notes: 'without a script' })
    await owner.ask('PATCH', `/timers/${owner.timerId}`, { title: HOSTILE.slice(0, 40), share_level: 'history' })
    const plain = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true, baseURL: baseURL ?? '' })
    const visitor = await plain.newPage()
    await visitor.goto(person.path)
    await expect(visitor.getByRole('figure').getByText('without a script')).toBeVisible()
    await expect(visitor.getByText('Record')).toBeVisible()
    await expect(visitor.getByRole('listitem').getByText('without a script')).toBeVisible()
    for (const [picture, type] of [
      ['badge.svg', 'image/svg+xml'],
      ['card.png', 'image/png'],
    ]) {
      const answer = await plain.request.get(`${person.path}/${picture}`)
      expect([answer.status(), answer.headers()['content-type']?.split(';')[0]]).toEqual([200, type])
    }
    await plain.close()
  })
})
