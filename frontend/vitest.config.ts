import { defineVitestConfig } from '@nuxt/test-utils/config'

/** Components and composables in a Nuxt environment. Everything that needs none is run by the root's configuration. */
export default defineVitestConfig({
  test: {
    environment: 'nuxt',
    include: ['app/**/*.nuxt.test.ts'],
    environmentOptions: { nuxt: { domEnvironment: 'happy-dom' } },
  },
})
