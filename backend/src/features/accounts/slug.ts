import { RESERVED_SLUGS } from './reserved-slugs.ts'

/** Room for `-12345` within the 60 characters of a slug. */
const MAX_BASE = 54

const KEPT = /[\p{L}\p{N}](?:(?![\uFE00-\uFE0F])[\p{Mn}\p{Mc}])*|-/gu

/**
 * The address made of a name: lower case in NFC, white space to `-`, letters (with their marks) and digits of any script
 * kept, hyphens squeezed and stripped. Empty when nothing is left.
 */
export function makeSlug(name: string): string {
  const folded = name.normalize('NFC').toLowerCase().normalize('NFC').replaceAll(/\s/gu, '-')
  const kept = (folded.match(KEPT) ?? []).join('').normalize('NFC')
  const cut = Array.from(kept.replaceAll(/-+/g, '-').replace(/^-/, '')).slice(0, MAX_BASE).join('')
  return cut.replace(/-$/, '')
}

/** What can be made of a name, or why nothing can. */
export type SlugResult = { slug: string } | { problem: 'SLUG_IMPOSSIBLE' | 'SLUG_RESERVED' }

/** The slug a user of this name asks for. A reserved name is refused, not numbered: nobody should look like a part of the site. */
export function slugForUser(name: string): SlugResult {
  const slug = makeSlug(name)
  if (slug === '') return { problem: 'SLUG_IMPOSSIBLE' }
  if (RESERVED_SLUGS.has(slug)) return { problem: 'SLUG_RESERVED' }
  return { slug }
}
