import { makeSlug } from '../accounts/slug.ts'

/** The address of the default timer, and what stands or may come to stand below a user's or a timer's address. */
const REFUSED = new Set(['incident-timer', 'phrase', 'events', 'incidents', 'badge', 'card'])

/** The slug that a timer of this title, or a wanted address, asks for, or why it can have none. */
export function slugForTimer(text: string): { slug: string } | { problem: 'SLUG_IMPOSSIBLE' | 'SLUG_RESERVED' } {
  const slug = makeSlug(text)
  if (slug === '') return { problem: 'SLUG_IMPOSSIBLE' }
  return REFUSED.has(slug) ? { problem: 'SLUG_RESERVED' } : { slug }
}
