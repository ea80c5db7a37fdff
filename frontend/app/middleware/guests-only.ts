import { defineNuxtRouteMiddleware, navigateTo, useNuxtApp, useSession } from '#imports'
import { safeRedirect } from '~/utils/safe-redirect'

/** Whoever is signed in has no use for the sign-in form: on to where they wanted to go. */
export default defineNuxtRouteMiddleware(async (to) => {
  if (import.meta.client && useNuxtApp().isHydrating) return
  try {
    if (await useSession().findUser()) return navigateTo(safeRedirect(to.query.redirect))
  } catch {
    // Nobody can say who this is just now: then the form is the right page.
  }
})
