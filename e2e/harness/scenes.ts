import type { Page } from '@playwright/test'
import type { Profile } from '../../contracts/src/accounts.ts'
import type { AdminStats, AdminUserList, AuditList } from '../../contracts/src/admin.ts'
import type { AdminPhraseList, SuggestionList, UserPhraseList, WaitingSuggestionList } from '../../contracts/src/phrases.ts'

/**
 * What pages show that depends on everybody who uses the site: answers that are always the same, so that pictures of them can be compared.
 * A browser asks for them only on the way from another page, so that is how one comes here.
 */

const at = (day: string) => `2026-05-${day}T09:30:00Z`
const id = (number: number) => `0198a9a0-0000-7000-8000-${String(number).padStart(12, '0')}`

/** Stands for whoever looks. */
const SELF = id(1)

const stats: AdminStats = {
  users: 1284,
  users_active: 1279,
  administrators: 2,
  timers: 3406,
  suggestions_pending: 3,
  database_bytes: 184_000_000,
  version: '1.4.0',
  database_version: '17.5',
  migration: 11,
  registration: 'open',
  registration_fixed: false,
  server_time: at('20'),
  certificate: { expires_at: '2026-07-10T09:30:00Z' },
  backup: { succeeded: true, finished_at: '2026-05-20T02:30:00Z' },
  proof: { succeeded: false, finished_at: '2026-05-20T02:40:00Z' },
}

const person = (number: number, name: string, more: object = {}): AdminUserList['users'][number] => ({
  id: id(number),
  email: `${name.toLowerCase().replace(' ', '.')}@example.org`,
  display_name: name,
  slug: name.toLowerCase().replace(' ', '-'),
  roles: ['user'],
  created_at: at('02'),
  active: true,
  last_seen_at: at('19'),
  ...more,
})
const users: AdminUserList = {
  users: [
    person(5, 'Mary Jackson'),
    person(4, 'Lise Meitner', { active: false, last_seen_at: null }),
    person(3, 'Katherine Johnson', { roles: ['user', 'admin'] }),
    person(2, 'A Person Whose Name Is As Long As Names May Be Here'),
    { ...person(1, 'Ada Tester', { roles: ['user', 'admin'] }), email: 'ada@example.org' },
  ],
  next_cursor: null,
}

const suggested = (number: number, phrase_text: string): WaitingSuggestionList['suggestions'][number] => ({
  id: id(number),
  phrase_text,
  status: 'pending',
  admin_reason: null,
  created_at: at('12'),
  updated_at: at('12'),
  user_display_name: 'Lise Meitner',
  user_slug: 'lise-meitner',
})
const waiting: WaitingSuggestionList = {
  suggestions: [suggested(21, 'A quiet pager is a kept promise.'), suggested(22, 'Nobody claps for the bridge that holds.')],
  total: 2,
  next_cursor: null,
}

const phrase = (number: number, phrase_text: string) => ({
  id: id(number),
  phrase_text,
  active: true,
  created_by: null,
  created_at: at('03'),
  updated_at: at('03'),
})
const PHRASES = [
  phrase(31, 'A dull log is a good log.'),
  phrase(32, 'Begin again, it is allowed.'),
  phrase(33, 'Slow is how the old clocks got old.'),
  phrase(34, 'What holds is seldom seen.'),
]
const phrases: AdminPhraseList = {
  phrases: PHRASES.map((one, place) => ({ ...one, mood: place === 1 ? 'after_reset' : 'steady', active: place !== 3 })),
  total: 4,
}
const ownPhrases: UserPhraseList = {
  phrases: PHRASES.map((one, place) => ({ ...one, is_excluded: place === 2 })),
  total: 4,
  next_cursor: null,
}
const suggestions: SuggestionList = {
  suggestions: [
    { ...suggested(43, 'Nobody claps for the bridge that holds.') },
    { ...suggested(42, 'Every day is day one somewhere.'), status: 'approved' },
    { ...suggested(41, 'Works on my machine, honest.'), status: 'rejected', admin_reason: 'We have one like it already.' },
  ],
  total: 3,
  next_cursor: null,
}

const event = (number: number, action: string, more: object = {}): AuditList['events'][number] => ({
  id: id(number),
  action,
  actor_id: SELF,
  actor_name: 'Ada Tester',
  subject_id: null,
  subject_name: null,
  by_operator: false,
  phrase_text: null,
  created_at: at('18'),
  ...more,
})
const lise = { subject_id: id(4), subject_name: 'Lise Meitner' }
const audit: AuditList = {
  events: [
    event(56, 'suggestion_approved', { phrase_text: 'Every day is day one somewhere.' }),
    event(55, 'account_deactivated', lise),
    event(54, 'reset_link_made', lise),
    event(53, 'registration_opened'),
    event(52, 'admin_granted', {
      actor_id: null,
      actor_name: null,
      by_operator: true,
      subject_id: SELF,
      subject_name: 'Ada Tester',
    }),
    event(51, 'signed_in', { actor_id: id(4), actor_name: 'Lise Meitner', ...lise }),
  ],
  next_cursor: null,
}

const ANSWERS: Record<string, unknown> = {
  '/backend/admin/stats': stats,
  '/backend/admin/users': users,
  '/backend/admin/suggestions': waiting,
  '/backend/admin/phrases': phrases,
  '/backend/admin/audit': audit,
  '/backend/phrases/user': ownPhrases,
  '/backend/phrases/suggestions': suggestions,
}

/** From now on the page of this person, an administrator here, is answered so by the API, and with 503 at the addresses in `away`. */
export async function setScene(page: Page, self: Profile, away: string[] = []): Promise<void> {
  const answers = { ...ANSWERS, '/backend/account/profile': { ...self, roles: ['user', 'admin'] } }
  const textOf = (pathname: string) => JSON.stringify(answers[pathname as keyof typeof answers]).replaceAll(SELF, self.id)
  await page.route('**/backend/**', async (route) => {
    const { pathname } = new URL(route.request().url())
    if (away.includes(pathname))
      await route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        json: {},
      })
    else if (pathname in answers) await route.fulfill({ contentType: 'application/json', body: textOf(pathname) })
    else await route.fallback()
  })
}

/** Goes on to an address within the page, as its links do: what is shown there is asked for by the browser. */
export async function goOnTo(page: Page, address: string): Promise<void> {
  await page.evaluate(async (to) => {
    const { useNuxtApp } = globalThis as unknown as { useNuxtApp: () => { $router: { push: (to: string) => Promise<unknown> } } }
    await useNuxtApp().$router.push(to)
  }, address)
}
