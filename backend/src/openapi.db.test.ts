import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { useHarness } from './testing/harness.ts'

const harness = useHarness()

interface OpenApi {
  openapi: string
  paths: Record<string, Record<string, { security?: unknown[]; responses: Record<string, unknown> }>>
}

async function openApi(): Promise<OpenApi> {
  return (await harness.call('GET', '/openapi.json')).body
}

describe('GET /openapi.json and /docs', () => {
  test('the document is OpenAPI 3.1 and names every route with its guard and its answers', async () => {
    const { openapi, paths } = await openApi()
    expect(openapi).toMatch(/^3\.1\./)
    expect(Object.keys(paths).sort()).toEqual([
      '/backend/account',
      '/backend/account/events',
      '/backend/account/export',
      '/backend/account/password',
      '/backend/account/profile',
      '/backend/admin/audit',
      '/backend/admin/phrases',
      '/backend/admin/phrases/{id}',
      '/backend/admin/registration',
      '/backend/admin/stats',
      '/backend/admin/suggestions',
      '/backend/admin/suggestions/{id}/approve',
      '/backend/admin/suggestions/{id}/reject',
      '/backend/admin/users',
      '/backend/admin/users/{id}/activate',
      '/backend/admin/users/{id}/deactivate',
      '/backend/admin/users/{id}/demote',
      '/backend/admin/users/{id}/promote',
      '/backend/admin/users/{id}/reset-link',
      '/backend/admin/users/{id}/sign-out',
      '/backend/auth/claim',
      '/backend/auth/login',
      '/backend/auth/me',
      '/backend/auth/preview-slug',
      '/backend/auth/refresh',
      '/backend/auth/register',
      '/backend/auth/registration',
      '/backend/auth/reset-password',
      '/backend/auth/revoke',
      '/backend/auth/revoke-all',
      '/backend/auth/revoke-others',
      '/backend/auth/sessions',
      '/backend/auth/sessions/{id}',
      '/backend/health',
      '/backend/health/db',
      '/backend/health/ready',
      '/backend/incident-timers',
      '/backend/incident-timers/{id}',
      '/backend/phrases',
      '/backend/phrases/exclude/{id}',
      '/backend/phrases/excluded',
      '/backend/phrases/random',
      '/backend/phrases/suggestions',
      '/backend/phrases/suggestions/seen',
      '/backend/phrases/suggestions/{id}',
      '/backend/phrases/user',
      '/backend/s/{secret}',
      '/backend/s/{secret}/badge.svg',
      '/backend/s/{secret}/card.png',
      '/backend/s/{secret}/events',
      '/backend/s/{secret}/incidents',
      '/backend/shared',
      '/backend/shared/{user_slug}/{timer_slug}',
      '/backend/shared/{user_slug}/{timer_slug}/badge.svg',
      '/backend/shared/{user_slug}/{timer_slug}/card.png',
      '/backend/shared/{user_slug}/{timer_slug}/events',
      '/backend/shared/{user_slug}/{timer_slug}/incidents',
      '/backend/timers',
      '/backend/timers/{id}',
      '/backend/timers/{id}/charts',
      '/backend/timers/{id}/export',
      '/backend/timers/{id}/import',
      '/backend/timers/{id}/incidents',
      '/backend/timers/{id}/incidents/preview',
      '/backend/timers/{id}/incidents/{incident_id}',
      '/backend/timers/{id}/incidents/{incident_id}/undo',
      '/backend/timers/{id}/links',
      '/backend/timers/{id}/links/{link_id}',
      '/backend/timers/{id}/stats',
      '/backend/timers/{id}/view',
      '/backend/{user_slug}/incident-timer',
      '/backend/{user_slug}/phrase',
    ])
    const guarded = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => operation.security)
        .map(([method]) => `${method} ${path.slice(8)}`),
    )
    expect(guarded.sort()).toEqual([
      'delete /account',
      'delete /admin/phrases/{id}',
      'delete /auth/sessions/{id}',
      'delete /incident-timers/{id}',
      'delete /phrases/exclude/{id}',
      'delete /phrases/suggestions/{id}',
      'delete /timers/{id}',
      'delete /timers/{id}/incidents/{incident_id}',
      'delete /timers/{id}/links/{link_id}',
      'get /account/events',
      'get /account/export',
      'get /account/profile',
      'get /admin/audit',
      'get /admin/phrases',
      'get /admin/stats',
      'get /admin/suggestions',
      'get /admin/users',
      'get /auth/me',
      'get /auth/sessions',
      'get /incident-timers',
      'get /phrases',
      'get /phrases/excluded',
      'get /phrases/random',
      'get /phrases/suggestions',
      'get /phrases/user',
      'get /timers',
      'get /timers/{id}',
      'get /timers/{id}/charts',
      'get /timers/{id}/export',
      'get /timers/{id}/incidents',
      'get /timers/{id}/links',
      'get /timers/{id}/stats',
      'get /timers/{id}/view',
      'patch /timers/{id}',
      'patch /timers/{id}/incidents/{incident_id}',
      'post /admin/phrases',
      'post /admin/suggestions/{id}/approve',
      'post /admin/suggestions/{id}/reject',
      'post /admin/users/{id}/activate',
      'post /admin/users/{id}/deactivate',
      'post /admin/users/{id}/demote',
      'post /admin/users/{id}/promote',
      'post /admin/users/{id}/reset-link',
      'post /admin/users/{id}/sign-out',
      'post /auth/claim',
      'post /auth/revoke-all',
      'post /auth/revoke-others',
      'post /incident-timers',
      'post /phrases/exclude/{id}',
      'post /phrases/suggestions',
      'post /phrases/suggestions/seen',
      'post /timers',
      'post /timers/{id}/import',
      'post /timers/{id}/incidents',
      'post /timers/{id}/incidents/preview',
      'post /timers/{id}/incidents/{incident_id}/undo',
      'post /timers/{id}/links',
      'put /account/password',
      'put /account/profile',
      'put /admin/phrases/{id}',
      'put /admin/registration',
      'put /incident-timers/{id}',
    ])
  })

  test('a route is guarded where the document says so, and only there', async () => {
    for (const [path, methods] of Object.entries((await openApi()).paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const url = path.replace('/backend', '').replaceAll(/\{\w+\}/g, '0198a9a0-0000-7000-8000-000000000000')
        const { status, text } = await harness.call(method.toUpperCase(), url)
        expect(status === 401 && text.includes('UNAUTHENTICATED'), `${method} ${path}: ${status}`).toBe(
          operation.security !== undefined,
        )
      }
    }
  })

  test('the page for people is one HTML document whose policy allows its own style and nothing else', async () => {
    const { text, headers } = await harness.call('GET', '/docs')
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? ''
    expect(headers['content-security-policy']).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`)
    expect(text).not.toMatch(/<script|style="|https?:\/\/(?!json-schema)/)
    for (const part of ['/backend/incident-timers', 'EMAIL_TAKEN', 'id="TIMER_NOT_FOUND"']) expect(text).toContain(part)
  })
})
