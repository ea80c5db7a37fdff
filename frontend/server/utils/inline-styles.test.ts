import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { inlineStyles } from './inline-styles.ts'

const link = (address: string, disabled = '') => `<link${disabled} rel="stylesheet" href="${address}" crossorigin>`
const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const styles = new Map([
  ['/_nuxt/entry.a.css', 'p{color:red}'],
  ['/_nuxt/clock.b.css', 'i{top:0}'],
  ['/_nuxt/other.c.css', 'b{top:1px}'],
])

describe('inlineStyles', () => {
  it('puts the styles in the place of the first link, in their order, and names them by their hash', () => {
    const head = [`<title>A</title>${link('/_nuxt/entry.a.css')}${link('/_nuxt/clock.b.css')}<meta>`]
    expect(inlineStyles(head, styles)).toEqual({
      head: [
        `<title>A</title><style>p{color:red}\ni{top:0}</style>${link('/_nuxt/entry.a.css', ' disabled')}${link('/_nuxt/clock.b.css', ' disabled')}<meta>`,
      ],
      styleHashes: [sha256('p{color:red}\ni{top:0}')],
    })
  })

  it('gives each combination its own', () => {
    const one = inlineStyles([link('/_nuxt/entry.a.css')], styles)
    const other = inlineStyles([link('/_nuxt/entry.a.css') + link('/_nuxt/other.c.css')], styles)
    expect(one.styleHashes).toEqual([sha256('p{color:red}')])
    expect(other.styleHashes).toEqual([sha256('p{color:red}\nb{top:1px}')])
  })

  it('takes links from all parts of the head', () => {
    const { head } = inlineStyles([link('/_nuxt/entry.a.css'), link('/_nuxt/clock.b.css')], styles)
    expect(head).toEqual([
      `<style>p{color:red}\ni{top:0}</style>${link('/_nuxt/entry.a.css', ' disabled')}`,
      link('/_nuxt/clock.b.css', ' disabled'),
    ])
  })

  it('leaves what is not of the build, and other links', () => {
    const head = [
      link('/theirs.css') +
        '<link rel="icon" href="/_nuxt/entry.a.css"><link rel="preload" as="style" href="/_nuxt/entry.a.css">',
    ]
    expect(inlineStyles(head, styles)).toEqual({ head, styleHashes: [] })
  })
})
