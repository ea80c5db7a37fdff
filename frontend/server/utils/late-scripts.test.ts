import { describe, expect, it } from 'vitest'
import { lateScripts } from './late-scripts.ts'

const part = (name: string) => `<link rel="modulepreload" as="script" crossorigin href="/_nuxt/${name}.js">`
const entry = '<script type="module" src="/_nuxt/entry.js" crossorigin></script>'

describe('lateScripts', () => {
  it('leaves no script that a browser would fetch before it paints, and starts all of them', () => {
    const [head = ''] = lateScripts([`<title>A</title>${part('entry')}${part('clock')}${entry}<meta>`])
    expect(head).toMatch(/^<title>A<\/title><script type="module">[^<]*<\/script><meta>$/)
    expect(head).not.toMatch(/<link|src=/)
    expect(head).toContain('["/_nuxt/entry.js","/_nuxt/clock.js"]')
    expect(head).toContain('import("/_nuxt/entry.js")')
  })

  it('is the same for the same page, so that its hash is', () => {
    expect(lateScripts([part('a') + entry])).toEqual(lateScripts([part('a') + entry]))
  })

  it('leaves a head without an entry, and other links and scripts', () => {
    const head = [`${part('a')}<script type="importmap">{}</script><link rel="preload" as="font" href="/_nuxt/a.woff2">`]
    expect(lateScripts(head)).toEqual(head)
    expect(lateScripts([`${head.join('')}${entry}`]).join('')).toContain(
      '<script type="importmap">{}</script><link rel="preload" as="font" href="/_nuxt/a.woff2">',
    )
  })
})
