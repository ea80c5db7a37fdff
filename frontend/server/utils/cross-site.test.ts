import { describe, expect, it } from 'vitest'
import { isCrossSite, type RequestOrigin } from './cross-site.ts'

const post: RequestOrigin = {
  method: 'POST',
  fetchSite: undefined,
  origin: undefined,
  asked: 'https://site.example:8443',
  siteUrl: 'https://site.example',
  personal: true,
}
const get = { ...post, method: 'GET' }

describe('isCrossSite', () => {
  it.each(['cross-site', 'same-site', 'anything'])('refuses a change that a page of another site asks for (%s)', (fetchSite) => {
    expect(isCrossSite({ ...post, fetchSite })).toBe(true)
  })

  it.each(['same-origin', 'none'])('lets a change through that this site or its visitor asks for (%s)', (fetchSite) => {
    expect(isCrossSite({ ...post, fetchSite })).toBe(false)
  })

  it.each([
    'https://evil.example',
    'https://site.example.evil',
    'https://sub.site.example',
    'https://site.example:444',
    'http://site.example:8443',
    'http://site.example',
    'https://SITE.example:8443',
    'null',
    '',
    'https://site.example@evil.example',
    'javascript:alert(1)',
  ])('refuses a change from the origin %j', (origin) => {
    expect(isCrossSite({ ...post, origin })).toBe(true)
  })

  it.each(['https://site.example', 'https://site.example:8443'])('lets the origin %s through', (origin) => {
    expect(isCrossSite({ ...post, origin })).toBe(false)
  })

  it('refuses when one of the two headers tells of another site', () => {
    expect(isCrossSite({ ...post, fetchSite: 'cross-site', origin: 'https://site.example' })).toBe(true)
    expect(isCrossSite({ ...post, fetchSite: 'same-origin', origin: 'https://evil.example' })).toBe(true)
  })

  it('lets a request without both headers through: no browser made it', () => {
    expect(isCrossSite(post)).toBe(false)
    expect(isCrossSite({ ...post, asked: undefined })).toBe(false)
  })

  it('refuses to show another site what is personal, and shows it what is public', () => {
    expect(isCrossSite({ ...get, fetchSite: 'cross-site' })).toBe(true)
    expect(isCrossSite({ ...get, fetchSite: 'cross-site', personal: false })).toBe(false)
    expect(isCrossSite({ ...get, fetchSite: 'none' })).toBe(false)
  })

  it.each(['PUT', 'PATCH', 'DELETE', 'post', 'PROPFIND'])('counts %s as a change', (method) => {
    expect(isCrossSite({ ...post, method, personal: false, fetchSite: 'cross-site' })).toBe(true)
  })
})
