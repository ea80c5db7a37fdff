import { defineNuxtPlugin, nextTick, useRouter } from '#imports'

/**
 * After a navigation within the site the heading of the new page has the focus, so that a screen reader says where one is and the
 * next Tab goes on from there. A new document does this by itself.
 */
export default defineNuxtPlugin((nuxtApp) => {
  let pathChanged = false
  useRouter().afterEach((to, from) => {
    pathChanged = !nuxtApp.isHydrating && to.path !== from.path
  })
  nuxtApp.hook('page:finish', async () => {
    if (!pathChanged) return
    pathChanged = false
    await nextTick()
    const heading = document.querySelector<HTMLElement>('main h1') ?? document.getElementById('main')
    if (!heading) return
    if (!heading.hasAttribute('tabindex')) heading.tabIndex = -1
    heading.focus({ preventScroll: true })
  })
})
