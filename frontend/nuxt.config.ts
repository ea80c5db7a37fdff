import path from 'node:path'
import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import { pageStylesModule } from './bundle/page-styles.ts'

/** The strictness of the whole repository, given to each of the projects that Nuxt generates. */
const compilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  noImplicitOverride: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  allowImportingTsExtensions: true,
}

/** Packages that every page needs; the schema library, QR codes and clever links belong to some. */
const framework = /node_modules[\\/](?!(?:zod|lean-qr)[\\/])(?!nuxt[\\/]dist[\\/]app[\\/]components[\\/]nuxt-link)(?!.*\.css)/

// What every page has around it, what every running clock needs, what asks the API, and a shared timer, live. Left alone they are many
// small files, which compress worse, and each is a request.
const around = /(?:SkipLink|SiteHeader|SiteFooter|EdgeNotice)\.vue|(?:useSite|usePageMeta)\.ts/
const clock =
  /(?:ElapsedClock|Clock\w+|FlapCard|PauseButton|LocalTime)\.vue|(?:useElapsed|useServerClock|english-date|long-span|elapsed|zoned)\.ts/
const api = /(?:useApi|api-error|file-name)\.ts/
const shared =
  /(?:Shared\w+|BrassCase|BrassGauge|EnamelPlaque|GearTrain)\.vue|(?:useShared\w+|useLiveView|event-stream|live-rules)\.ts/

/** Nuxt makes a `$fetch` for pages of this library; ours ask with `useApi`, so browsers need not load it. */
const withoutFetch = {
  name: 'without-ofetch',
  enforce: 'pre' as const,
  applyToEnvironment: ({ name }: { name: string }) => name === 'client',
  resolveId: (id: string) => (id === 'ofetch' ? fileURLToPath(new URL('./stubs/ofetch.ts', import.meta.url)) : undefined),
}

/** In development styles come as they change, by links and scripts. */
const NO_STYLES = 'export const pageStyles = new Map()'

export default defineNuxtConfig({
  compatibilityDate: '2026-06-01',
  telemetry: false,
  devtools: { enabled: false },
  sourcemap: { server: false, client: false },
  css: ['~/assets/css/main.css'],

  // Each can be given as NUXT_…, so NUXT_BACKEND_URL or NUXT_PUBLIC_SITE_NAME; server/utils/settings.ts checks them at the start.
  runtimeConfig: {
    backendUrl: 'http://127.0.0.1:8080',
    siteUrl: 'https://localhost:8443',
    sessionPassword: '',
    sessionPasswordFile: '',
    sessionSeconds: 604_800,
    edge: 'nginx',
    logLevel: 'info',
    drainSeconds: 0,
    contentDir: '',
    public: { siteName: 'KennWilliamson.org', gallery: false },
  },

  app: {
    head: {
      htmlAttrs: { lang: 'en' },
      viewport: 'width=device-width, initial-scale=1',
      meta: [
        { name: 'color-scheme', content: 'light dark' },
        { name: 'format-detection', content: 'telephone=no' },
      ],
      link: [
        { rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' },
        { rel: 'icon', sizes: '32x32', href: '/favicon.ico' },
      ],
    },
  },

  // The styles of a page stand in its document by server/utils/inline-styles.ts, as one element that the policy names; Nuxt would put one for
  // each component. The manifest and payload files are requests nobody needs.
  features: { inlineStyles: false },
  experimental: {
    appManifest: false,
    componentIslands: false,
    payloadExtraction: false,
    browserDevtoolsTiming: false,
    cookieStore: false,
    defaults: { nuxtLink: { prefetchOn: { visibility: false, interaction: true } } },
  },

  vite: {
    plugins: [tailwindcss(), withoutFetch],
    build: {
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // The framework in one file compresses a tenth better than in ten. What the page that strangers see does not use stays out.
      rolldownOptions: {
        output: {
          codeSplitting: {
            groups: [
              { name: 'framework', test: framework, priority: 3 },
              { name: 'around', test: around, priority: 2 },
              { name: 'clock', test: clock, priority: 1 },
              { name: 'api', test: api, priority: 1 },
              { name: 'shared', test: shared },
            ],
          },
        },
      },
    },
    // Components are written with setup alone, so the older way of writing them need not be sent to anybody.
    define: { __VUE_OPTIONS_API__: 'false' },
  },

  nitro: {
    // One bundle: the build decides that this is production, not the environment of whoever starts it, and it starts faster.
    noExternals: true,
    compressPublicAssets: { gzip: true, brotli: true },
    typescript: { tsConfig: { compilerOptions } },
  },
  typescript: {
    strict: true,
    tsConfig: { compilerOptions },
    sharedTsConfig: { compilerOptions },
    nodeTsConfig: { compilerOptions },
  },

  hooks: {
    // What the next page needs is fetched when somebody goes there: most people see one page of this site.
    'build:manifest'(manifest) {
      for (const file of Object.values(manifest)) file.prefetch = false
    },
    // Ours answers the API's errors and sets the policy that holds should the error page itself fail; Nuxt's renders the page.
    'nitro:config'(config) {
      const own = fileURLToPath(new URL('./server/error.ts', import.meta.url))
      config.errorHandler = [own, config.errorHandler ?? []].flat()
      const browsers = path.join(config.buildDir ?? '.nuxt', 'dist/client/_nuxt')
      config.virtual = { ...config.virtual, '#page-styles': () => (config.dev ? NO_STYLES : pageStylesModule(browsers)) }
      // Ours drains, and stops without resetting anybody; the development server is Nuxt's.
      if (!config.dev) config.entry = fileURLToPath(new URL('./server/entry.ts', import.meta.url))
    },
  },
})
