/** Stands for `ofetch` in the browser (nuxt.config.ts). */
const refuse = (): never => {
  throw new Error('$fetch is not sent to browsers: ask with useApi() (composables/useApi.ts), or with fetch')
}

export const $fetch = Object.assign(refuse, { create: () => $fetch })
