import { defineNuxtRouteMiddleware, navigateTo } from '#imports'

/** An address in another case is the same page, once: it moves for good to the one that its owner gave out. */
export default defineNuxtRouteMiddleware(({ params, query, hash }) => {
  const slugs = [params.user, params.timer].map(String)
  const lower = slugs.map((slug) => slug.normalize('NFC').toLowerCase())
  if (lower.every((slug, index) => slug === slugs[index])) return
  return navigateTo({ path: `/${lower.map(encodeURIComponent).join('/')}`, query, hash }, { redirectCode: 301, replace: true })
})
