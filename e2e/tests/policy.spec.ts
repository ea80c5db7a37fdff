import { createHash } from 'node:crypto'
import { newOwner } from '../harness/owner.ts'
import { expect, test } from '../harness/test.ts'

/** What a directive of a policy lets in. */
function sourcesOf(policy: string, directive: string): string[] {
  const found = policy
    .split(';')
    .map((part) => part.trim().split(/\s+/))
    .find(([name]) => name === directive)
  return found?.slice(1) ?? []
}

/** The text of the elements of this name that have one, but for data, which no browser runs. */
const inline = (html: string, name: 'script' | 'style') =>
  [...html.matchAll(new RegExp(`<${name}\\b([^>]*)>([^]*?)</${name}>`, 'g'))]
    .filter(([, attributes = '', text]) => text !== '' && !/application\/(?:ld\+)?json/.test(attributes))
    .map(([, , text = '']) => text)
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

test('H03 every page lets in what is written in it by hash, and nothing else that is', async ({ context }) => {
  const owner = await newOwner(context, 'history')
  await owner.reset('</style><script>alert(1)</script>')
  const pages = ['/', '/login', '/register', '/about', '/incidents', '/settings', owner.person.path, '/nobody/nothing', '/%ff']
  for (const path of pages) {
    const answer = await context.request.get(path)
    const [html, policy] = [await answer.text(), answer.headers()['content-security-policy'] ?? '']
    for (const [name, directive] of [
      ['script', 'script-src'],
      ['style', 'style-src'],
    ] as const) {
      const allowed = sourcesOf(policy, directive)
      for (const text of inline(html, name)) expect(allowed, `${path}: ${name} ${text.slice(0, 60)}`).toContain(hashOf(text))
      for (const source of allowed)
        expect([path, source]).toEqual([path, expect.stringMatching(/^'(?:self|none|sha256-[\w+/]{43}=)'$/)])
    }
    // Attributes that run or style have no hash that would let them in.
    const tags = html.replaceAll(/<(script|style)\b[^]*?<\/\1>/g, '').match(/<[a-z][^>]*>/g) ?? []
    expect(
      tags.filter((tag) => /\s(?:on\w+|style)=/.test(tag)),
      path,
    ).toEqual([])
  }
})

test('H05 a text is no markup: where one is written as such, the browser refuses', async ({ page, problems }) => {
  problems.expect(/TrustedHTML|trusted types/i)
  await page.goto('/')
  const refused = await page.evaluate(() => {
    try {
      document.createElement('div').innerHTML = '<b>written</b>'
      return 'written'
    } catch (error) {
      return (error as Error).name
    }
  })
  expect(refused).toBe('TypeError')
})
