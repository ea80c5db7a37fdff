import type { ListedTimers } from '@kennwilliamson/contracts/sharing'
import { describe, expect, it, vi } from 'vitest'
import { siteMap } from './site-map.ts'

const SITE = 'https://kenn.example'
const timer = (user_slug: string, timer_slug = 'incident-timer') => ({ user_slug, timer_slug, since: '2026-06-01T12:00:00Z' })

async function whole(first: ListedTimers, read: (cursor: string) => Promise<ListedTimers>): Promise<string> {
  let text = ''
  for await (const part of siteMap(SITE, first, read)) text += part
  return text
}
const addresses = (text: string) => Array.from(text.matchAll(/<loc>(.*?)<\/loc>/g), ([, address]) => address)

describe('siteMap', () => {
  it('has the site’s own pages, and each listed timer once', async () => {
    const read = vi.fn(async () => ({ timers: [timer('bo')], next_cursor: null }))
    const text = await whole({ timers: [timer('ada')], next_cursor: 'next' }, read)
    expect(addresses(text)).toEqual([`${SITE}/`, `${SITE}/about`, `${SITE}/ada/incident-timer`, `${SITE}/bo/incident-timer`])
    expect(text).toContain('<lastmod>2026-06-01T12:00:00Z</lastmod>')
    expect(read).toHaveBeenCalledExactlyOnceWith('next')
  })

  it('encodes every character that an address may have and XML may not', async () => {
    const text = await whole({ timers: [timer('müller', 'a<b>&"c"')], next_cursor: null }, vi.fn())
    expect(addresses(text)[2]).toBe(`${SITE}/m%C3%BCller/a%3Cb%3E%26%22c%22`)
  })

  it('ends at 50,000 addresses, which is what one file may have', async () => {
    const page = { timers: Array.from({ length: 1000 }, () => timer('ada')), next_cursor: 'more' }
    const read = vi.fn(async () => page)
    expect(addresses(await whole(page, read))).toHaveLength(50_000)
    expect(read).toHaveBeenCalledTimes(49)
  })

  it('does not end like a whole list when a part of it cannot be read', async () => {
    const parts: string[] = []
    const reading = (async () => {
      for await (const part of siteMap(SITE, { timers: [], next_cursor: 'x' }, () => Promise.reject(new Error('away'))))
        parts.push(part)
    })()
    await expect(reading).rejects.toThrow('away')
    expect(parts.join('')).not.toContain('</urlset>')
  })
})
