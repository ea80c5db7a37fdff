import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { contentSecurityPolicy, inlineScripts } from './csp.ts'

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const empty = { head: [], bodyPrepend: [], bodyAppend: [] }

describe('inlineScripts', () => {
  it('finds what runs: scripts, modules and import maps', () => {
    expect(
      inlineScripts('<script>a()</script><script type="module">b()</script><script type="importmap">{"imports":{}}</script>'),
    ).toEqual(['a()', 'b()', '{"imports":{}}'])
  })

  it('passes over data, empty scripts and scripts from files', () => {
    expect(
      inlineScripts(
        '<script type="application/json" id="x">[1]</script><script type="application/ld+json">{}</script><script></script><script type="module" src="/a.js" crossorigin></script>',
      ),
    ).toEqual([])
  })

  it('keeps every character of a script, line breaks too', () => {
    expect(inlineScripts('<script>\n a < b \n</script>')).toEqual(['\n a < b \n'])
  })
})

describe('contentSecurityPolicy', () => {
  it('lets in the scripts of the framework by hash, each once', () => {
    const policy = contentSecurityPolicy(
      {
        ...empty,
        head: ['<script>a()</script>'],
        bodyAppend: ['<script>b()</script><script>a()</script>'],
      },
      [],
    )
    expect(policy).toContain(`script-src 'self' ${hash('a()')} ${hash('b()')};`)
  })

  it('does not let in a script that got into the page itself', () => {
    const document = { ...empty, head: ['<script>a()</script>'], body: ['<p><script>injected()</script></p>'] }
    expect(contentSecurityPolicy(document, [])).not.toContain(hash('injected()'))
  })

  it('lets in the styles of the build by the hash given, and no other', () => {
    const document = { ...empty, head: ['<style>a{}</style>'] }
    expect(contentSecurityPolicy(document, [hash('b{}')])).toContain(`style-src 'self' ${hash('b{}')};`)
    expect(contentSecurityPolicy(document, [])).not.toContain(hash('a{}'))
  })

  it('lets in no other inline style, no eval and no frame', () => {
    const policy = contentSecurityPolicy(empty, [])
    expect(policy).not.toMatch(/unsafe|\*|https:|data:(?!;)/)
    for (const part of [
      "default-src 'none'",
      "style-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "object-src 'none'",
    ]) {
      expect(policy.split('; ')).toContain(part)
    }
  })

  it('follows a script that changes', () => {
    expect(contentSecurityPolicy({ ...empty, head: ['<script>a(1)</script>'] }, [])).toContain(hash('a(1)'))
    expect(contentSecurityPolicy({ ...empty, head: ['<script>a(2)</script>'] }, [])).not.toContain(hash('a(1)'))
  })
})
