import { createError, defineNuxtRouteMiddleware, useRuntimeConfig } from '#imports'

/** Where the gallery is not asked for (`GALLERY=on`, or `npm run dev`) it does not exist. */
export default defineNuxtRouteMiddleware(() => {
  if (!useRuntimeConfig().public.gallery) throw createError({ status: 404, statusText: 'Not Found' })
})
