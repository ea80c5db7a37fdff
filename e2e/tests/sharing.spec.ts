import { brotliCompressSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { shownSeconds } from '../harness/clock.ts'
import { readLogs } from '../harness/logs.ts'
import { newOwner, type Owner } from '../harness/owner.ts'
import { expect, test } from '../harness/test.ts'

/** What is promised for everybody who is connected. */
const LIVE_MS = 2_000

const HOSTILE = '<img src=x onerror=alert(1)>"\'></title></script><script>alert(2)</script>{{7*7}}<svg/onload=alert(3)>'

const isLive = (page: Page) => expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible()
const secretOf = async (owner: Owner, shareLevel: string) => {
  const { id, url } = (await owner.call('POST', `/timers/${owner.timerId}/links`, { share_level: shareLevel })) as {
    id: string
    url: string
  }
  return { id, path: new URL(url).pathname }
}

test('what the owner changes is seen within two seconds, and the page goes with its share level', async ({
  context,
  anotherBrowser,
  problems,
}) => {
  const owner = await newOwner(context, 'history')
  await owner.reset('first canary')
  const visitor = await (await anotherBrowser()).newPage()
  await visitor.goto(owner.person.path)
  await isLive(visitor)
  await expect(visitor.getByRole('timer')).toContainText('since the last incident')
  await owner.reset('second canary')
  await expect(visitor.getByRole('region', { name: 'The last note' })).toContainText('second canary', { timeout: LIVE_MS })
  expect(await shownSeconds(visitor)).toBeLessThan(5)
  await expect(visitor.getByRole('listitem')).toHaveCount(2, { timeout: 8_000 })

  await owner.setLevel('count')
  await expect(visitor.getByRole('region', { name: 'The last note' })).toBeHidden({ timeout: LIVE_MS })
  expect(await visitor.content()).not.toContain('canary')

  problems.expectStatus(404, /\/events|\/incident-timer/)
  await owner.setLevel('private')
  await expect(visitor.getByRole('heading', { name: 'Nothing here' })).toBeVisible({ timeout: LIVE_MS })
  const left = await visitor.content()
  for (const trace of [owner.person.name, 'canary', '__NUXT_DATA__', 'Time since']) expect(left).not.toContain(trace)
  problems.forget()
})

test('a secret link shows its own level, tells nobody where it is, and is gone once it is revoked', async ({
  context,
  anotherBrowser,
  request,
}) => {
  const owner = await newOwner(context, 'private')
  await owner.reset('for holders only')
  const { id, path } = await secretOf(owner, 'notes')
  const document = await request.get(path)
  const html = await document.text()
  expect(document.status()).toBe(200)
  expect(html).toContain('for holders only')
  expect(html).not.toMatch(/og:|twitter:|rel="canonical"/)
  for (const answer of [document, await request.get('/s/of-nobody'), await request.get('/s/'), await request.get('/s/a/b')]) {
    expect(answer.headers()).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    })
  }
  const holder = await (await anotherBrowser()).newPage()
  await holder.goto(path)
  await isLive(holder)
  await owner.call('DELETE', `/timers/${owner.timerId}/links/${id}`)
  await expect(holder.getByRole('heading', { name: 'Nothing here' })).toBeVisible({ timeout: LIVE_MS })
  expect(await holder.content()).not.toContain('for holders only')
  const again = await request.get(path)
  expect([again.status(), again.headers()['cache-control']]).toEqual([404, 'no-store'])
  expect(await readLogs()).not.toContain(path.slice('/s/'.length))
})

test('I02 hostile words are words, on the page and in its pictures', async ({ context, anotherBrowser }) => {
  const owner = await newOwner(context, 'history')
  await owner.call('PATCH', `/timers/${owner.timerId}`, { title: HOSTILE.slice(0, 100) })
  await owner.call('PUT', '/account/profile', { display_name: '<b onclick=alert(4)>Ada</b>' })
  const { slug } = (await owner.call('GET', '/auth/me')) as { slug: string }
  await owner.reset(HOSTILE)
  const visitor = await (await anotherBrowser()).newPage()
  const dialogs: string[] = []
  visitor.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  const path = `/${encodeURIComponent(slug)}/incident-timer`
  await visitor.goto(path)
  await isLive(visitor)
  await expect(visitor.getByRole('heading', { level: 1 })).toHaveText(HOSTILE.slice(0, 100).trim())
  await expect(visitor.getByRole('region', { name: 'The last note' }).locator('blockquote')).toHaveText(HOSTILE)
  expect(await visitor.locator('img[src=x], main script, svg[onload], b[onclick]').count()).toBe(0)
  for (const picture of ['badge.svg', 'card.png']) {
    const size = await visitor.evaluate(
      (src) =>
        new Promise<number>((resolve) => {
          const image = new Image()
          image.onload = () => resolve(image.naturalWidth)
          image.onerror = () => resolve(0)
          image.src = src
        }),
      `${path}/${picture}`,
    )
    expect(size, picture).toBeGreaterThan(0)
  }
  expect(dialogs).toEqual([])
})

test('P04 document and hydration data hold what the level allows, and nothing else', async ({ context, request }) => {
  const owner = await newOwner(context, 'history')
  await owner.reset('older canary')
  await owner.reset('newest canary')
  const allowed = {
    count: [],
    stats: ['Record'],
    notes: ['Record', 'newest canary'],
    history: ['Record', 'newest canary', 'older canary'],
  }
  const keys = { Record: 'record_seconds', 'newest canary': 'newest canary', 'older canary': 'older canary' }
  for (const [level, words] of Object.entries(allowed)) {
    const { path } = await secretOf(owner, level)
    const html = await (await request.get(path)).text()
    for (const [word, inData] of Object.entries(keys)) {
      const isAllowed = (words as string[]).includes(word)
      expect(html.includes(word), `${word} at ${level}`).toBe(isAllowed)
      expect(html.includes(inData), `${inData} at ${level}`).toBe(isAllowed)
    }
    for (const secret of [owner.person.email, owner.timerId]) expect(html).not.toContain(secret)
  }
})

test('search engines are shown a public page once its owner wants it, and asked to leave it out until then', async ({
  context,
  page,
  request,
  baseURL,
}) => {
  const owner = await newOwner(context, 'count')
  const address = new URL(owner.person.path, baseURL).href
  const listed = async () => {
    const answer = await request.get('/sitemap.xml')
    expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'application/xml; charset=utf-8'])
    const addresses = Array.from((await answer.text()).matchAll(/<loc>([^<]*)<\/loc>/g), ([, found]) => found)
    expect(addresses).toContain(new URL('/about', baseURL).href)
    return addresses.includes(address)
  }
  const robots = page.locator('meta[name=robots]')
  expect(await (await request.get('/robots.txt')).text()).toContain(`Sitemap: ${new URL('/sitemap.xml', baseURL).href}\n`)
  await page.goto(owner.person.path)
  await expect(robots).toHaveAttribute('content', 'noindex')
  expect(await listed()).toBe(false)

  await page.goto('/incidents')
  await page.getByRole('button', { name: 'Sharing…' }).click()
  const wish = page.getByRole('switch', { name: 'Let search engines find this page' })
  await expect(wish).not.toBeChecked()
  await wish.check()
  await expect(page.getByText('Search engines may list it now')).toBeVisible()
  expect(await listed()).toBe(true)
  await page.goto(owner.person.path)
  await expect(robots).toHaveCount(0)

  // The wish is kept while nobody may see the page, and does nothing then.
  await owner.setLevel('private')
  expect(await listed()).toBe(false)
})

test('the home page says to search engines what it is', async ({ page, baseURL }) => {
  await page.goto('/')
  const facts = await page.locator('script[type="application/ld+json"]').textContent()
  expect(JSON.parse(facts ?? '')).toMatchObject({ '@type': 'WebSite', url: `${baseURL ?? ''}/` })
})

test('the page is whole without JavaScript, and a preview of its address says the number', async ({
  context,
  anotherBrowser,
}) => {
  const owner = await newOwner(context, 'history')
  await owner.call('POST', `/timers/${owner.timerId}/incidents`, { occurred_at: '2026-01-05T05:05:05Z', notes: 'long ago' })
  const visitor = await (await anotherBrowser({ javaScriptEnabled: false })).newPage()
  await visitor.goto(owner.person.path)
  await expect(visitor.getByRole('timer')).toContainText('months')
  await expect(visitor.getByRole('listitem')).toContainText('long ago')
  await expect(visitor.getByRole('button', { name: /Pause/ })).toBeHidden()
  const meta = (name: string) => visitor.locator(`meta[property="${name}"], meta[name="${name}"]`).getAttribute('content')
  expect(await meta('og:title')).toMatch(/: \d+ month/)
  expect(await meta('og:image')).toMatch(/^https:.*\/incident-timer\/card\.png$/)
  expect(await meta('twitter:card')).toBe('summary_large_image')
})

test('on paper it is words and digits in ink, and nothing to press', async ({ context, anotherBrowser }) => {
  const owner = await newOwner(context, 'history')
  await owner.reset('printed')
  const page = await (await anotherBrowser({ colorScheme: 'dark' })).newPage()
  await page.goto(owner.person.path)
  await page.emulateMedia({ media: 'print' })
  await expect(page.getByRole('button').filter({ visible: true })).toHaveCount(0)
  await expect(page.locator('.train')).toBeHidden()
  for (const what of ['.phrase', '.plaque h1', '.since', '.flap > .up', '.history .words', '.note blockquote'])
    expect(
      await page
        .locator(what)
        .first()
        .evaluate((element) => getComputedStyle(element).color),
      what,
    ).toBe('rgb(0, 0, 0)')
  expect(
    await page
      .locator('.flap > .up')
      .first()
      .evaluate((half) => getComputedStyle(half).backgroundImage),
  ).toBe('none')
})

test('the public page is light: 75 KB of script, 200 KB in all', async ({ context, anotherBrowser }) => {
  const owner = await newOwner(context, 'history')
  await owner.reset('weighed')
  const visitor = await (await anotherBrowser()).newPage()
  const bodies: Promise<{ isScript: boolean; size: number }>[] = []
  visitor.on('response', (response) => {
    if (response.url().endsWith('/events')) return
    const type = response.headers()['content-type'] ?? ''
    bodies.push(
      response.body().then((body) => ({
        isScript: type.includes('javascript'),
        size: /font|png/.test(type) ? body.length : brotliCompressSync(body).length,
      })),
    )
  })
  await visitor.goto(owner.person.path)
  await isLive(visitor)
  const weighed = await Promise.all(bodies)
  const sum = (which: typeof weighed) => which.reduce((total, { size }) => total + size, 0)
  expect(sum(weighed.filter(({ isScript }) => isScript))).toBeLessThan(75 * 1024)
  expect(sum(weighed)).toBeLessThan(200 * 1024)
})
